"""Writes every artefact of a trained and calibrated recipe: python -m export RECIPE

All are made from one set of int8 codes.  The C comes first; ONNX and TFLite follow and are compared with the
integers in agreement.json.  Without tensorflow the TFLite artefacts are left out, with a line that says so.
"""

import argparse
from dataclasses import asdict

import numpy as np

from calibration.detector import Detector
from calibration.models import load_calibration, load_model
from export.artefacts import write_graphs
from export.c_model import CModel
from firmware.command import run_command
from firmware.files import write_json, write_whole
from firmware.host import CERTAIN
from firmware.paths import build_folder
from firmware.recipes import recipe_name


def describe_detector(model, detector):
    """The keys of model.json that say how words are detected; thresholds 0..1 of smoothed posteriors."""
    words = model.labels[: model.keywords]
    points = [
        {"name": point.name, "thresholds": {w: t / CERTAIN for w, t in zip(words, point.thresholds, strict=True)}}
        for point in detector.points
    ]
    return {
        "threshold": float(np.mean(list(points[0]["thresholds"].values()))),
        "operating_points": points,
        **asdict(detector.rule),
    }


def describe(model, c_model, detector):
    """The value of model.json."""
    return {
        "recipe": model.recipe,
        "cell": model.cell_kind,
        "units": [cell.units for cell in model.cells],
        "labels": list(model.labels),
        "keywords": model.keywords,
        "frontend": asdict(model.frontend),
        "decision_hops": model.decision_hops,
        **describe_detector(model, detector),
        "flash_bytes": c_model.flash_bytes(),
        "ram_bytes": c_model.ram_bytes(),
        "multiplications": c_model.multiplications(),
        "model_sha256": c_model.sha256(),
        "weights_sha256": model.sha256(),
    }


def write_c(model, integers, detector, folder):
    """kws_model.h, kws_model.c and model.json into a folder; returns the value of model.json."""
    c_model = CModel(integers, detector)
    write_whole(folder / "kws_model.h", c_model.header())
    write_whole(folder / "kws_model.c", c_model.source())
    about = describe(model, c_model, detector)
    write_json(folder / "model.json", about)
    return about


def export(recipe):
    model, origin = load_model(recipe)
    print(f"exporting {origin}")
    calibration = load_calibration(recipe, model)
    integers = model.quantize()
    folder = build_folder() / recipe
    about = write_c(model, integers, Detector.of(calibration), folder / "firmware")
    print(
        f"{folder / 'firmware'}: kws_model.h, kws_model.c, {about['flash_bytes']} bytes of flash, {about['ram_bytes']} of RAM"
    )
    write_graphs(model, integers, calibration["ranges"], folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    export(recipe_name(parser.parse_args().recipe))


if __name__ == "__main__":
    run_command("export", main)
