"""Compares rules of the detector by smoothing and confirmation: python -m tests.measure.confirmation RECIPE

The integers of a trained or shipped recipe hear its validation streams once.  Under each rule the operating points are chosen
anew, as `make calibrate` chooses them; the table has their misses and false accepts.  Test recordings are not used.
"""

import argparse
from dataclasses import replace

from calibration.detector import DetectorRule
from calibration.models import load_model
from calibration.operating_points import NAMES, choose_points
from calibration.streams.validation import heard_of_logits, logits_of_streams, validation_streams
from firmware.command import run_command
from firmware.markdown import table
from train.corpora import load_corpora
from train.recipe import load_recipe

RULES = (2, 0), (2, 80), (1, 0), (1, 40), (1, 80), (1, 120), (0, 80)
"""(smoothing_shift, confirm_ms)"""
FIGURES = "point", "missed over noise", "missed among words", "false accepts an hour of speech"


def figures_of(point):
    """The FIGURES of a ChosenPoint."""
    said = [point.validation[kind] for kind in ("noise", "words")]
    missed = [f"{figures.misses / figures.keywords:.1%}" for figures in said]
    return point.name, *missed, f"{point.validation['speech'].fa_per_hour:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe, ("keywords",))
    model, _ = load_model(recipe.name)
    logits = logits_of_streams(model.quantize(), validation_streams(recipe, load_corpora(recipe)))
    rows = []
    for shift, confirm_ms in RULES:
        rule = replace(
            DetectorRule.of_recipe(recipe), smoothing_shift=shift, confirm_hops=confirm_ms // model.frontend.hop_ms
        )
        points = {point.name: point for point in choose_points(heard_of_logits(model, logits, rule), rule)}
        rows += [(shift, confirm_ms, *figures_of(points[name])) for name in NAMES if name in points]
    print(table(["smoothing_shift", "confirm_ms", *FIGURES], rows))


if __name__ == "__main__":
    run_command("confirmation", main)
