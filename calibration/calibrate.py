"""Measures a trained model on validation data: activation ranges and operating points.

    python -m calibration.calibrate RECIPE        writes BUILD/RECIPE/calibration.json

The integer format needs no ranges: features, state, gates and logits have fixed formats.  They scale the
activations of the ONNX and TFLite files.  The operating points are thresholds of smoothed posteriors, chosen on streams of
validation clips (calibration/operating_points.py) through the integer path.
"""

import argparse
from dataclasses import asdict

import numpy as np

from calibration.detector import DetectorRule
from calibration.models import load_model
from calibration.operating_points import choose_points, warnings_of
from calibration.records import Calibration, ValidationAccuracy
from calibration.streams.validation import hear_streams, validation_streams
from calibration.time_constants import time_constant_lines, time_constants
from firmware.command import run_command
from firmware.files import write_json
from firmware.paths import build_folder
from train.corpora import load_corpora
from train.corpora.clips import VALIDATION, codes_at_hops
from train.recipe import load_recipe

RANGE_CLIPS = 1000
RANGE_LANES = 20
DECISION_HOPS = (4, 5, 6, 8, 10, 12, 15, 20, 25)


def streams_of(codes):
    """Clips int8 [clips, hops, bands] joined to RANGE_LANES streams."""
    lanes = min(RANGE_LANES, len(codes))
    clips = codes[: min(len(codes), RANGE_CLIPS) // lanes * lanes]
    return clips.reshape(lanes, -1, codes.shape[2])


def activation_ranges(model, codes):
    """{activation: (low, high)} of the float model, its state carried along streams of clips."""
    activations = {}
    model.run(streams_of(codes), activations=activations)
    ranges = {name: (min(low for low, _ in seen), max(high for _, high in seen)) for name, seen in activations.items()}
    x = model.features.real(np.array([-128, 127]))
    return {**ranges, "features": (float(x[0]), float(x[1]))}


def decide(logits, decision_hops):
    """The label of each clip: argmax of the mean logits over the last hops."""
    return logits[:, -decision_hops:].sum(axis=1).argmax(axis=1)


def calibrate(recipe):
    model, origin = load_model(recipe.name)
    print(f"calibrating {origin}")
    everything = load_corpora(recipe, tell=print)
    clips = everything.select(everything.split == VALIDATION)
    labels = np.array([recipe.label_of(word) for word in clips.word])
    codes = codes_at_hops(recipe.front, clips.codes)
    order = np.random.default_rng(0).permutation(len(codes))
    codes, labels = codes[order], labels[order]

    float_logits, _ = model.run(codes)
    logits, _ = model.quantize().run(codes)
    accuracy = ValidationAccuracy(
        clips=len(codes),
        float=float((decide(float_logits, model.decision_hops) == labels).mean()),
        integer=float((decide(logits, model.decision_hops) == labels).mean()),
        by_decision_hops={str(hops): float((decide(logits, hops) == labels).mean()) for hops in DECISION_HOPS},
    )
    detector_rule = detector_rule_of(recipe)
    heard = hear_streams(model.quantize(), validation_streams(recipe, everything), detector_rule)
    return Calibration(
        recipe=recipe.name,
        weights_sha256=model.sha256(),
        ranges=activation_ranges(model, codes),
        time_constants=time_constants(model, streams_of(codes)),
        accuracy=accuracy,
        **asdict(detector_rule),
        operating_points=choose_points(heard, detector_rule),
    )


def detector_rule_of(recipe):
    """The DetectorRule that a recipe asks for."""
    detector, hop_ms = recipe.detector, recipe.front.hop_ms
    return DetectorRule(detector.smoothing_shift, detector.refractory_ms // hop_ms, detector.confirm_ms // hop_ms)


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
    return f"{point.name}: thresholds {min(thresholds):.3f} to {max(thresholds):.3f}; " + "; ".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe)
    calibration = calibrate(recipe)
    path = build_folder() / recipe.name / "calibration.json"
    write_json(path, calibration)
    accuracy = calibration.accuracy
    print(
        f"validation accuracy over {accuracy.clips} clips: float {accuracy.float:.4f}, integer {accuracy.integer:.4f}; "
        "by decision hops " + ", ".join(f"{hops}: {share:.4f}" for hops, share in accuracy.by_decision_hops.items())
    )
    for point in calibration.operating_points:
        print(point_line(point))
    for warning in warnings_of(calibration.operating_points):
        print(f"warning: {warning}")
    print("\n".join([*time_constant_lines(calibration.time_constants), str(path)]))


if __name__ == "__main__":
    run_command("calibrate", main)
