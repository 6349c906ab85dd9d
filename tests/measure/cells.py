"""Compares the four cells: python -m tests.measure.cells [CELL ...]

Each cell at each size in the same network, three layers with a short convolution before each, on the data of recipe
commands-80k, with equally many updates and three seeds.  Trains the models that are missing in BUILD (hours), continues after a
stop, and prints the table of docs/cells.md, then the time constants of the units of state-space cells.  Accuracy is that of
the C library on validation speakers; drift is the mean |logit error| of the integers against float in the thousand steps
before the given one.
"""

import argparse

import numpy as np

from calibration.ranges import joined_streams
from calibration.time_constants import time_constant_lines, time_constants
from export.c_model import CModel
from firmware.command import run_command
from firmware.files import read_json
from firmware.markdown import table
from firmware.paths import build_folder
from tests.measure.trials import any_detector, changed, figures_of, hear
from train.integer_model import LOGIT_UNIT
from train.layers import CELLS
from train.network import model_of, network_of
from train.recipe import load_recipe
from train.train_json import TrainJson

BASE = "commands-80k"
SIZES_KB, SEEDS, EPOCHS = (6, 20, 80), (1, 2, 3), 8
LAYERS, DEPTHWISE_FRAMES = 3, 3
LEARNING_RATE = {"rnn": 1e-3, "gru": 8e-3, "lstm": 8e-3, "ssm": 16e-3}
"""{cell: learning rate}: the best of several at 20 KB after four epochs, on validation clips."""

PLAINLY = {"muon_learning_rate": 0.0, "normalise": False, "averaging": 0.998}
"""AdamW and no normalisation for all cells, so that no cell is favoured."""

DRIFT_STEPS = (1000, 100_000)
HEADER = (
    *("cell", "size", "layers x units", "accuracy, reset", "streamed", "lost to integers", "flash", "RAM"),
    *("multiplications a hop", "s an epoch", "drift at 1,000", "at 100,000"),
)


def recipe_of(cell, size_kb, seed, units=4):
    return changed(
        load_recipe(BASE),
        f"commands-{cell}-{size_kb}k-{seed}",
        cell=cell,
        units=units,
        layers=LAYERS,
        depthwise_frames=DEPTHWISE_FRAMES,
        seed=seed,
        training={"epochs": EPOCHS, "learning_rate": LEARNING_RATE.get(cell, 4e-3), **PLAINLY},
        augmentation={"speed_probability": 0.0, "tract_probability": 0.0},
    )


def largest(cell, size_kb):
    """The largest number of units whose flash_bytes fit a size."""
    low, high = 4, 256
    while low < high:
        units = (low + high + 1) // 2
        recipe = recipe_of(cell, size_kb, 1, units)
        model = model_of(recipe, network_of(recipe).state_dict())
        fits = CModel(model.quantize(), any_detector(model)).flash_bytes() <= size_kb * 1024
        low, high = (units, high) if fits else (low, units - 1)
    return low


def drift(model, spotter, codes):
    """{step: mean |logit error| in the thousand steps before it} over a stream, codes int8 [steps, bands]."""
    spotter.reset()
    found = spotter.stream(codes) * LOGIT_UNIT
    wanted = model.run(codes[None])[0][0]
    error = np.abs(found - wanted).mean(axis=1)
    return {str(steps): float(error[steps - 1000 : steps].mean()) for steps in DRIFT_STEPS}


def measure(recipe):
    """The figures of a run."""
    heard = hear(recipe)
    stream = heard.tests.codes.reshape(-1, heard.tests.codes.shape[2])[: DRIFT_STEPS[-1]]
    history = read_json(build_folder() / recipe.name / "train.json", TrainJson).history
    return {
        "units": recipe.units,
        **{key: getattr(heard.about, key) for key in ("flash_bytes", "ram_bytes", "multiplications")},
        "accuracy": heard.accuracy(),
        "drift": drift(heard.model, heard.spotter, stream),
        "time_constants": list(time_constant_lines(time_constants(heard.model, joined_streams(heard.tests.codes)))),
        "seconds_an_epoch": float(np.median([epoch.seconds for epoch in history])),
    }


def row(cell, size_kb, runs):
    """A row of the table: means over the seeds, and the range of accuracies."""
    accuracies = []
    for mode in ("reset", "streamed"):
        values = [run["accuracy"][mode] for run in runs]
        accuracies.append(f"{np.mean(values):.3f} ({min(values):.3f}..{max(values):.3f})")
    loss = np.mean([run["accuracy"]["float"] - run["accuracy"]["reset"] for run in runs])
    drifts = [f"{np.mean([run['drift'][str(steps)] for run in runs]):.3f}" for steps in DRIFT_STEPS]
    first = runs[0]
    return (
        cell,
        f"{size_kb} KB",
        f"{LAYERS} x {first['units']}",
        *accuracies,
        f"{loss:+.4f}",
        *(first[figure] for figure in ("flash_bytes", "ram_bytes", "multiplications")),
        f"{np.mean([run['seconds_an_epoch'] for run in runs]):.0f}",
        *drifts,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", help="default: every cell")
    cells = parser.parse_args().cells or list(CELLS)
    if unknown := set(cells) - set(CELLS):
        raise ValueError(f"{unknown.pop()}: no such cell; there are {', '.join(CELLS)}")
    rows, remembered = [], []
    for size_kb in SIZES_KB:
        for cell in cells:
            units = largest(cell, size_kb)
            runs = []
            for seed in SEEDS:
                recipe = recipe_of(cell, size_kb, seed, units)
                runs.append(figures_of(recipe, "cells", measure))
            rows.append(row(cell, size_kb, runs))
            name = recipe_of(cell, size_kb, SEEDS[0]).name
            remembered += [f"{name}: {line}" for line in runs[0]["time_constants"]]
    print("\n".join([table(HEADER, rows), "", *remembered]))


if __name__ == "__main__":
    run_command("cells", main, stopped="stopped; the same command goes on")
