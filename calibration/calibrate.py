"""Measures a trained model on validation clips: activation ranges and the decision threshold.

    python -m calibration.calibrate RECIPE        writes BUILD/RECIPE/calibration.json

The integer format needs no ranges: features, state, gates and logits have fixed formats.  They scale the
activations of the ONNX and TFLite files.  The threshold is that of the smoothed posterior: the lowest at which
no more than the recipe's share of validation clips without a keyword is accepted, through the integer path.
"""

import argparse
import sys

import numpy as np

from calibration.detector import smooth
from calibration.models import load_model
from calibration.time_constants import lines, time_constants
from firmware.build import BuildError
from firmware.files import write_json
from firmware.paths import build_folder
from train.corpora import load_corpora
from train.corpora.pictures import VALIDATION, hops_of
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
    """{activation: [low, high]} of the float model, its state carried along streams of clips."""
    activations = {}
    model.run(streams_of(codes), activations=activations)
    ranges = {name: [min(low for low, _ in seen), max(high for _, high in seen)] for name, seen in activations.items()}
    x = model.features.real(np.array([-128, 127]))
    return {**ranges, "features": [float(x[0]), float(x[1])]}


def decide(logits, decision_hops):
    """The label of each clip: argmax of the mean logits over the last hops."""
    return logits[:, -decision_hops:].sum(axis=1).argmax(axis=1)


def choose_threshold(smoothed, labels, keywords, false_accept_share):
    """The lowest threshold, UQ1.15, that accepts at most the share of clips without a keyword, and what it misses.

    smoothed int [clips, hops, labels] Q1.30.  A clip is accepted where any keyword reaches the threshold.
    Returns (threshold, share of non-keywords accepted, share of keyword clips whose keyword is not reached).
    """
    strongest = smoothed[:, :, :keywords].max(axis=1) >> 15
    without = np.sort(strongest[labels >= keywords].max(axis=1))[::-1]
    allowed = int(false_accept_share * len(without))
    threshold = min(int(without[allowed]) + 1, 32768) if len(without) > allowed else 1
    of_keyword = strongest[labels < keywords, labels[labels < keywords]]
    return threshold, float((without >= threshold).mean()), float((of_keyword < threshold).mean())


def calibrate(recipe):
    model, origin = load_model(recipe.name)
    print(f"calibrating {origin}")
    pictures = load_corpora(recipe)
    pictures = pictures.select(pictures.split == VALIDATION)
    labels = np.array([recipe.label_of(word) for word in pictures.word])
    codes = hops_of(recipe.front, pictures.levels)
    order = np.random.default_rng(0).permutation(len(codes))
    codes, labels = codes[order], labels[order]

    float_logits, _ = model.run(codes)
    logits, _ = model.quantize().run(codes)
    accuracy = {
        "clips": len(codes),
        "float": float((decide(float_logits, model.decision_hops) == labels).mean()),
        "integer": float((decide(logits, model.decision_hops) == labels).mean()),
        "by_decision_hops": {str(hops): float((decide(logits, hops) == labels).mean()) for hops in DECISION_HOPS},
    }
    threshold, accepted, missed = choose_threshold(
        smooth(logits, recipe.detector.smoothing_shift), labels, model.keywords, recipe.detector.false_accept_share
    )
    return {
        "recipe": recipe.name,
        "weights_sha256": model.sha256(),
        "ranges": activation_ranges(model, codes),
        "time_constants": time_constants(model, streams_of(codes)),
        "accuracy": accuracy,
        "threshold": threshold / 32768,
        "false_accept_share": accepted,
        "miss_share": missed,
        "smoothing_shift": recipe.detector.smoothing_shift,
        "refractory_hops": recipe.detector.refractory_ms // recipe.front.hop_ms,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe)
    calibration = calibrate(recipe)
    path = build_folder() / recipe.name / "calibration.json"
    write_json(path, calibration)
    accuracy = calibration["accuracy"]
    print(
        f"validation accuracy over {accuracy['clips']} clips: float {accuracy['float']:.4f}, integer {accuracy['integer']:.4f}; "
        "by decision hops " + ", ".join(f"{hops}: {share:.4f}" for hops, share in accuracy["by_decision_hops"].items())
    )
    print(
        f"threshold {calibration['threshold']:.3f}: accepts {calibration['false_accept_share']:.2%} of clips without a keyword, "
        f"misses {calibration['miss_share']:.2%} of keywords"
    )
    print("\n".join([*lines(calibration["time_constants"]), str(path)]))


if __name__ == "__main__":
    try:
        main()
    except (BuildError, ValueError, OSError) as error:
        sys.exit(f"calibrate: {error}")
