"""Measures what each switch of training contributes: python -m tests.measure.switches [SWITCH ...]

Trains recipe commands-20k for a third of its epochs with one switch changed, with three seeds, and compares it with the recipe
as it ships: accuracy of the C library on validation speakers.  Trains the models that are missing in BUILD (hours), continues
after a stop, and prints a table.
"""

import argparse

import numpy as np

from firmware.command import run_command
from firmware.markdown import table
from tests.measure.trials import changed, figures_of, hear, spread
from train.recipe import load_recipe

BASE, SEEDS, SHARE_OF_EPOCHS = "commands-20k", (1, 2, 3), 3
AS_SHIPPED = "as it ships"

SWITCHES = {
    "state never carried": dict(training={"reset_probability": 1.0}),
    "AdamW for the matrices too": dict(training={"muon_learning_rate": 0.0}),
    "not normalised": dict(training={"normalise": False}),
    "constant learning rate": dict(training={"schedule": "constant"}),
    "weights of the last update": dict(training={"averaging": 0.0}),
    "label smoothing .1": dict(training={"label_smoothing": 0.1}),
    "no running speech": dict(corpora=[{"kind": "logmel"}], training={"unknown_clips": 9700}),
    "variational dropout .05": dict(training={"dropout": 0.05}),
    "no shift": dict(augmentation={"shift_ms": 0}),
    "no short recordings": dict(augmentation={"short_probability": 0.0}),
    "no noise": dict(augmentation={"noise_probability": 0.0}),
    "noise of 5 to 40 dB in half of the clips": dict(augmentation={"noise_probability": 0.5, "snr_db": [5, 40]}),
    "no gain": dict(augmentation={"gain_probability": 0.0}),
    "rooms": dict(augmentation={"room_probability": 0.3}),
    "no other speeds": dict(augmentation={"speed_probability": 0.0}),
    "no other vocal tracts": dict(augmentation={"tract_probability": 0.0}),
    "SpecAugment": dict(augmentation={"mask_probability": 0.5}),
}


def measure(recipe):
    return hear(recipe).accuracy()


def runs_of(switch, changes):
    """[figures of the run with each seed]."""
    base = load_recipe(BASE)
    epochs = base.training.epochs // SHARE_OF_EPOCHS
    training = {"epochs": epochs, **changes.get("training", {})}
    return [
        figures_of(
            changed(base, f"{BASE}-{name_of(switch)}-{seed}", **{**changes, "seed": seed, "training": training}),
            "switches",
            measure,
        )
        for seed in SEEDS
    ]


def name_of(switch):
    return "".join(letter for letter in switch.replace(" ", "-") if letter.isalnum() or letter == "-")


def row(switch, runs, shipped):
    """A row of the table; differences are between runs with the same seed."""
    columns = []
    for mode in ("reset", "streamed"):
        found, wanted = ([run[mode] for run in some] for some in (runs, shipped))
        difference = 100 * np.subtract(found, wanted)
        columns += [spread(found), f"{difference.mean():+.2f} ({', '.join(f'{value:+.2f}' for value in difference)})"]
    return [switch, *columns]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("switches", nargs="*", metavar="SWITCH", help="default: every one")
    wanted = parser.parse_args().switches or list(SWITCHES)
    if unknown := set(wanted) - set(SWITCHES):
        raise ValueError(f"{unknown.pop()}: no such switch; there are: {'; '.join(SWITCHES)}")
    shipped = runs_of(AS_SHIPPED, {})
    rows = [row(AS_SHIPPED, shipped, shipped)]
    rows += [row(switch, runs_of(switch, SWITCHES[switch]), shipped) for switch in wanted]
    print(table(["switch", "reset", "points", "streamed", "points"], rows))


if __name__ == "__main__":
    run_command("switches", main, stopped="stopped; the same command continues")
