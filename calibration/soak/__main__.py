"""The drift proof: hours of one stream through the C library, never reset, against the float model.

    python -m calibration.soak RECIPE [--hours 10]      writes BUILD/RECIPE/soak.json

For each half hour: |logit error| against float, label agreement, saturated state elements, accuracy by the clip rule.
Then recovery from 10 s of clipping, silence and tones, and whether a reset equals a new stream.  Exits with status 1
if a bound of proof.py is broken.
"""

import argparse

from calibration.models import open_exported
from calibration.soak.proof import broken, soak, summary
from firmware.command import run_command
from firmware.files import write_json
from firmware.host.binding import SpotterC
from firmware.paths import build_folder
from firmware.recipes import model_folder, recipe_name
from train.corpora import load_corpora
from train.recipe import load_recipe
from train.validation_clips import ValidationClips

MOST_HOURS = 10_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--hours", type=float, default=10)
    arguments = parser.parse_args()
    if not 1 <= arguments.hours <= MOST_HOURS:
        raise ValueError(f"HOURS={arguments.hours:g}: must be from 1 (two half hours to compare) to {MOST_HOURS}")
    half_hours = round(arguments.hours * 2)
    name = recipe_name(arguments.recipe)
    model, spotter, _ = open_exported(name)
    fresh = SpotterC(model_folder(name))
    recipe = load_recipe(arguments.recipe, ("keywords",))
    found = soak(spotter, fresh, model, ValidationClips.of(recipe, load_corpora(recipe)), half_hours)
    path = build_folder() / name / "soak.json"
    write_json(path, found)
    print(f"{summary(found)}\n{path}")
    if problems := list(broken(found)):
        raise ValueError("; ".join(problems))


if __name__ == "__main__":
    run_command("soak", main)
