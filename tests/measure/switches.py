"""Measures what each switch of training contributes: python -m tests.measure.switches [SWITCH ...]

Trains recipe commands-20k for a tenth of its epochs with one switch changed, with three seeds, beside the recipe as it ships,
and prints a table of the TARGETS by the integers, on the same clips and streams of validation speakers for all.  Trains the
models that BUILD lacks (hours) and continues after a stop.
"""

import argparse

from calibration.detector import DetectorRule, OperatingPoint
from calibration.operating_points import choose_points
from calibration.streams.sweep import sweep
from calibration.streams.validation import hear_streams, validation_streams
from firmware.command import run_command
from firmware.markdown import table
from tests.measure.trials import changed, figures_of, hear, spread
from train.corpora import load_corpora
from train.recipe import load_recipe

BASE, SEEDS, SHARE_OF_EPOCHS = "commands-20k", (1, 2, 3), 1 / 10
AS_SHIPPED = "as it ships"
MISSED = 0.15

TARGETS = {
    "reset": "accuracy, reset",
    "streamed": "accuracy, streamed",
    "noise": "missed at 0 to 20 dB, 1 false accept an hour of noise",
    "words": "missed among words, 1 % of others accepted",
    "speech": f"false accepts an hour of running speech, {MISSED:.0%} of words missed",
}


def without(kind, **settings):
    """The change that leaves out the corpora of a kind that have these settings."""
    corpora = load_recipe(BASE).model_dump()["corpora"]
    dropped = {"kind": kind, **settings}.items()
    return {"corpora": [section for section in corpora if not dropped <= section.items()]}


def with_synthetic_words():
    """The change that adds the synthetic words of commands-80k, those that resemble a keyword among them."""
    own, larger = (load_recipe(name).model_dump()["corpora"] for name in (BASE, "commands-80k"))
    return {"corpora": own + [section for section in larger if section["kind"] == "speech"]}


SWITCHES = {
    "no teacher": dict(teacher=None),
    "state never carried": dict(training={"reset_probability": 1.0}),
    "AdamW for the matrices too": dict(training={"muon_learning_rate": 0.0}),
    "not normalised": dict(training={"normalise": False}),
    "constant learning rate": dict(training={"schedule": "constant"}),
    "weights of the last update": dict(training={"averaging": 0.0}),
    "weights not rounded": dict(training={"rounding_share": 0.0}),
    "windows of 1 s": dict(mixing={"window_ms": 1000}),
    "no running speech in windows": dict(mixing={"word_share": 1.0}),
    "no made music": without("background", made="music"),
    "with words by a synthesizer": with_synthetic_words(),
    "no windows of background alone": dict(mixing={"quiet_share": 0.0}),
    "no background among the clips": dict(mixing={"background_share": 0.0}),
    "no noise": dict(augmentation={"noise_probability": 0.0}),
    "noise of 5 to 40 dB": dict(augmentation={"snr_db": [5, 40]}),
    "no rooms": dict(augmentation={"room_probability": 0.0}),
    "simulated rooms": dict(augmentation={"rooms": ""}),
    "one microphone": dict(augmentation={"colour_probability": 0.0}),
    "no other speeds": dict(augmentation={"speed_probability": 0.0}),
    "no other vocal tracts": dict(augmentation={"tract_probability": 0.0}),
}


def false_accepts_at(missed, words, speech, point, detector_rule):
    """False accepts an hour of speech, a Heard, at the highest thresholds that miss at most a share `missed` of words; NaN
    if all miss more."""
    point = OperatingPoint.of(point, words.words)
    rows = zip(*(sweep(heard, point, detector_rule) for heard in (words, speech)), strict=True)
    found = [heard.fa_per_hour for spoken, heard in rows if spoken.misses <= missed * spoken.keywords]
    return min(found, default=float("nan"))


def measure(recipe):
    """{target: figure} of a trained recipe."""
    as_shipped = changed(load_recipe(BASE), recipe.name)
    heard, detector_rule = hear(as_shipped), DetectorRule.of_recipe(recipe)
    streams = hear_streams(
        heard.model.quantize(), validation_streams(as_shipped, load_corpora(as_shipped)), detector_rule
    )
    points = {point.name: point for point in choose_points(streams, detector_rule)}
    noise, words = points["eager"].validation["noise"], points["balanced"].validation["words"]
    return heard.accuracy() | {
        "noise": noise.misses / noise.keywords,
        "words": words.misses / words.keywords,
        "speech": false_accepts_at(MISSED, streams["words"], streams["speech"], points["balanced"], detector_rule),
    }


def runs_of(switch, changes):
    """[figures of the run with each seed]."""
    base = load_recipe(BASE)
    epochs = round(base.training.epochs * SHARE_OF_EPOCHS)
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


def row(switch, runs):
    return [switch, *(spread([run[target] for run in runs]) for target in TARGETS)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("switches", nargs="*", metavar="SWITCH", help="default: every one")
    wanted = parser.parse_args().switches or list(SWITCHES)
    if unknown := set(wanted) - set(SWITCHES):
        raise ValueError(f"{unknown.pop()}: no such switch; there are: {'; '.join(SWITCHES)}")
    rows = [row(AS_SHIPPED, runs_of(AS_SHIPPED, {}))]
    rows += [row(switch, runs_of(switch, SWITCHES[switch])) for switch in wanted]
    print(table(["switch", *TARGETS.values()], rows))


if __name__ == "__main__":
    run_command("switches", main, stopped="stopped; the same command continues")
