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
from firmware.files import whole_folder, write_json, write_whole
from firmware.host.binding import CERTAIN
from firmware.model_json import MODEL_JSON, ModelJson, Point
from firmware.paths import build_folder
from firmware.recipes import recipe_name


def describe(model, c_model, detector):
    """The ModelJson of a Model, its C and its Detector."""
    points = tuple(
        Point(name=point.name, thresholds={w: t / CERTAIN for w, t in zip(model.words, point.thresholds, strict=True)})
        for point in detector.points
    )
    return ModelJson(
        recipe=model.recipe,
        cell=model.cell_kind,
        units=tuple(cell.units for cell in model.cells),
        labels=model.labels,
        keywords=model.keywords,
        frontend=model.frontend,
        decision_hops=model.decision_hops,
        threshold=float(np.mean(list(points[0].thresholds.values()))),
        operating_points=points,
        **asdict(detector.rule),
        flash_bytes=c_model.flash_bytes(),
        ram_bytes=c_model.ram_bytes(),
        multiplications=int(c_model.multiplications()),
        model_id=c_model.export_id(),
        model_sha256=c_model.sha256(),
        weights_sha256=model.sha256(),
    )


def write_c(model, integers, detector, folder):
    """A folder of exactly kws_model.h, kws_model.c and model.json, whole or not at all; returns its ModelJson."""
    c_model = CModel(integers, detector)
    about = describe(model, c_model, detector)
    with whole_folder(folder) as made:
        write_whole(made / "kws_model.h", c_model.header())
        write_whole(made / "kws_model.c", c_model.source())
        write_json(made / MODEL_JSON, about)
    return about


def export(recipe):
    model, origin = load_model(recipe)
    print(f"exporting {origin}")
    calibration = load_calibration(recipe, model)
    integers = model.quantize()
    folder = build_folder() / recipe
    about = write_c(model, integers, Detector.of(calibration, model.words), folder / "firmware")
    print(
        f"{folder / 'firmware'}: kws_model.h, kws_model.c, {about.flash_bytes} bytes of flash, {about.ram_bytes} of RAM"
    )
    write_graphs(model, integers, calibration.ranges, folder, about.model_sha256)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    export(recipe_name(parser.parse_args().recipe))


if __name__ == "__main__":
    run_command("export", main)
