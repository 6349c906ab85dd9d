"""The drift proof: hours of one stream through the C library, never reset, against the float model.

    python -m calibration.soak RECIPE [--hours 10]      writes BUILD/RECIPE/soak.json

By half hour: |logit error| against float, label agreement, saturated state units, accuracy by the clip rule.  Then
recovery from 10 s of clipping, silence and tones, and whether a reset is a fresh start.  Ends with status 1 where a
bound of BOUNDS does not hold.
"""

import argparse

import numpy as np

from calibration.models import open_exported
from calibration.significance import mcnemar
from calibration.soak.hours import Soak
from calibration.soak.recovery import recoveries, reset_is_fresh
from calibration.soak.stream import HALF_HOUR_CLIPS, ValidationClips
from firmware.command import run_command
from firmware.files import write_json
from firmware.host.binding import SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import model_folder, recipe_name
from train.recipe import load_recipe

BOUNDS = {"mean": 0.3, "growth": 1.5, "agree": 0.02, "p": 0.01, "near_ms": 5000}
"""Of a half hour's mean error in logits; of the last one's over the first one's; of what agreement is lost between them; of
the difference in accuracy; of a recovery."""


MOST_HOURS = 10_000


def soak(spotter, fresh, model, clips, half_hours, clips_each=HALF_HOUR_CLIPS):
    """The value of soak.json."""
    heard = Soak(spotter, model)
    hours = [
        heard.half_hour(clips, clips.half_hour(number, half_hours - 1, clips_each), number)
        for number in range(half_hours)
    ]
    return {
        "recipe": model.recipe,
        "model_sha256": spotter.model.model_sha256,
        "half_hours": [half_hour.figures() for half_hour in hours],
        "last_against_first": mcnemar(*(np.array(hours[place].right) for place in (0, -1))),
        "reset_is_fresh": reset_is_fresh(spotter, fresh, clips.codes[:20].reshape(-1, clips.codes.shape[2])),
        "recovery": recoveries(spotter, clips, model),
    }


def broken(found):
    """What does not hold, in words."""
    first, last = found["half_hours"][0], found["half_hours"][-1]
    if any(half_hour["mean"] > BOUNDS["mean"] for half_hour in found["half_hours"]):
        yield f"the mean error is over {BOUNDS['mean']} logits in a half hour"
    if last["mean"] > BOUNDS["growth"] * first["mean"]:
        yield f"the mean error grew from {first['mean']:.4f} to {last['mean']:.4f}"
    if last["agree"] < first["agree"] - BOUNDS["agree"]:
        yield f"float and integers agreed in {first['agree']:.2%} of hops, and in {last['agree']:.2%} at the end"
    pairs = found["last_against_first"]
    if pairs.p < BOUNDS["p"]:
        yield (
            f"accuracy changed from the first to the last half hour: {pairs.lost} lost, {pairs.gained} gained, "
            f"p = {pairs.p:.3f}"
        )
    if not found["reset_is_fresh"]:
        yield "a reset is no fresh start"
    for name, recovery in found["recovery"].items():
        if recovery["near_ms"] is None or recovery["near_ms"] > BOUNDS["near_ms"]:
            yield f"{name} is not forgotten within {BOUNDS['near_ms']} ms"


def half_hours_table(half_hours):
    """A row for each half hour."""
    header = ["half hour", "mean error, logits", "99th percentile", "agreement", "saturated units", "accuracy"]
    rows = [
        (
            number,
            *(f"{half_hour[figure]:.4f}" for figure in ("mean", "p99", "agree")),
            f"{half_hour['saturated']:.4%}",
            f"{half_hour['right'] / half_hour['clips']:.4f}",
        )
        for number, half_hour in enumerate(half_hours, 1)
    ]
    return table(header, rows)


def recovery_table(recovery):
    """A row for each disturbance."""
    rows = [
        (
            disturbance,
            *("never" if after[key] is None else f"{after[key]} ms" for key in ("near_ms", "equal_ms")),
            f"{after['same']} of {after['clips']}",
        )
        for disturbance, after in recovery.items()
    ]
    return table(["after 10 s of", "within 0.1 logit for good", "equal bits", "same decisions"], rows)


def summary(found):
    """What `make soak` prints."""
    pairs = found["last_against_first"]
    return "\n".join(
        [
            half_hours_table(found["half_hours"]),
            f"last half hour against the first, same clips: {pairs.lost} lost, {pairs.gained} gained, p = {pairs.p:.2f}",
            recovery_table(found["recovery"]),
            f"a reset is {'' if found['reset_is_fresh'] else 'NOT '}a fresh start",
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--hours", type=float, default=10)
    arguments = parser.parse_args()
    if not 1 <= arguments.hours <= MOST_HOURS:
        raise ValueError(f"HOURS={arguments.hours:g}: from 1, a first and a last half, to {MOST_HOURS}")
    half_hours = round(arguments.hours * 2)
    name = recipe_name(arguments.recipe)
    model, spotter, _ = open_exported(name)
    fresh = SpotterC(model_folder(name))
    found = soak(spotter, fresh, model, ValidationClips.of(load_recipe(arguments.recipe)), half_hours)
    path = build_folder() / name / "soak.json"
    write_json(path, found)
    print(f"{summary(found)}\n{path}")
    if problems := list(broken(found)):
        raise ValueError("; ".join(problems))


if __name__ == "__main__":
    run_command("soak", main)
