"""Calibrates a trained model on validation data: activation ranges, accuracy, time constants, operating points.

    python -m calibration.calibrate RECIPE [--point FILE]        writes BUILD/RECIPE/calibration.json

FILE holds an operating point of one's own, as `make page` saves it; the model has it beside the others.
Of a recipe of anomalies, the threshold of the score is chosen (anomaly/threshold.py).
"""

import argparse
from dataclasses import asdict

from calibration.anomaly import threshold
from calibration.detector import DetectorRule
from calibration.models import load_model
from calibration.operating_points import choose_points, own_point, read_point, warnings_of
from calibration.ranges import activation_ranges, joined_streams
from calibration.records import Calibration, ValidationAccuracy
from calibration.streams.validation import hear_streams, validation_streams
from calibration.time_constants import time_constant_lines, time_constants
from calibration.voice_points import voice_points
from firmware.command import run_command
from firmware.files import write_json
from firmware.paths import build_folder
from train.corpora import load_corpora
from train.decision import decide, followed_by_silence, of_clips_alone
from train.integer_model import LOGIT_UNIT
from train.recipe import load_recipe
from train.validation_clips import ValidationClips


def validation_accuracy(model, integers, clips):
    """The ValidationAccuracy of a Model and its IntegerModel on ValidationClips, the state reset for each."""
    codes = followed_by_silence(model.frontend, clips.codes)
    right = []
    for logits in (model.run(codes)[0], integers.run(codes)[0] * LOGIT_UNIT):
        decided = decide(model.frontend, of_clips_alone(model.frontend, logits), model.keywords)
        right.append(float((decided == clips.labels).mean()))
    return ValidationAccuracy(clips=len(clips.labels), float=right[0], integer=right[1])


def accuracy_line(figures):
    """A ValidationAccuracy as text."""
    return f"validation accuracy over {figures.clips} clips: float {figures.float:.4f}, integer {figures.integer:.4f}"


def point_line(point):
    """An operating point and what it does on validation streams, kind by kind."""
    parts = []
    for kind, figures in point.validation.items():
        line = f"{kind} {figures.fa_per_hour:.1f} false accepts an hour in {figures.hours:.1f} h"
        line += f" ({figures.low:.1f} to {figures.high:.1f})"
        if figures.keywords:
            line += f", {figures.misses / figures.keywords:.1%} missed"
        if figures.others:
            line += f", {figures.others_accepted / figures.others:.1%} of other words"
        parts.append(line)
    thresholds = point.thresholds.values()
    told = "; ".join(parts) or point.criterion
    return f"{point.name}: thresholds {min(thresholds):.3f} to {max(thresholds):.3f}; {told}"


def summary_lines(calibration):
    """What `make calibrate` prints of a Calibration."""
    yield accuracy_line(calibration.accuracy)
    yield from map(point_line, calibration.operating_points)
    yield from (f"warning: {warning}" for warning in warnings_of(calibration.operating_points))
    yield from time_constant_lines(calibration.time_constants)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--point", default="", help="JSON file of an operating point")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    if recipe.task == "anomaly":
        if arguments.point:
            raise ValueError(
                f"POINT={arguments.point}: a point of one's own is of keywords; {recipe.name} is of anomalies, set its "
                "detector.false_alarms_per_hour instead"
            )
        return threshold.calibrate(recipe, DetectorRule.of_recipe(recipe))
    own = read_point(arguments.point, recipe.keywords) if arguments.point else None
    model, origin = load_model(recipe.name)
    print(f"calibrating {origin}")
    corpora = load_corpora(recipe, tell=print)
    clips = ValidationClips.of(recipe, corpora)
    streams = joined_streams(clips.codes)
    integers = model.quantize()
    detector_rule = DetectorRule.of_recipe(recipe)
    if recipe.task == "voice":
        points, heard = voice_points(recipe, corpora, integers, detector_rule), {}
    else:
        heard = hear_streams(integers, validation_streams(recipe, corpora), detector_rule)
        points = choose_points(heard, detector_rule)
    if own:
        points += (own_point(own, heard, detector_rule),)
    calibration = Calibration(
        recipe=recipe.name,
        weights_sha256=model.sha256(),
        ranges=activation_ranges(model, streams),
        time_constants=time_constants(model, streams),
        accuracy=validation_accuracy(model, integers, clips),
        **asdict(detector_rule),
        operating_points=points,
    )
    path = build_folder() / recipe.name / "calibration.json"
    write_json(path, calibration)
    print("\n".join([*summary_lines(calibration), str(path)]))


if __name__ == "__main__":
    run_command("calibrate", main)
