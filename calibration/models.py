"""The float model of a recipe, its export and its calibration, in BUILD or shipped in firmware/models."""

import sys

import numpy as np

from calibration.anomaly.records import AnomalyCalibration
from calibration.operating_points import warnings_of
from calibration.records import Calibration
from firmware.files import read_json
from firmware.host.binding import SpotterC
from firmware.paths import MODELS, build_folder
from firmware.recipes import checkpoint, make_command, model_folder, of_keywords
from train.trained import WEIGHTS, trained_model


def load_model(recipe):
    """(Model, text that names its file) of a recipe (a name): its training in BUILD, else the weights that ship.

    FileNotFoundError if there is neither BUILD/recipe/checkpoint.pt nor firmware/models/recipe/weights.npz.
    """
    if found := trained_model(recipe):
        model, file = found
        return model, f"weights of {file}"
    raise FileNotFoundError(
        f"no trained model of recipe {recipe} in {checkpoint(recipe)} or {MODELS / recipe / WEIGHTS}: "
        f"run `{make_command('train', recipe)}`"
    )


def open_exported(recipe, task="keywords"):
    """(Model, SpotterC, text of load_model) of a recipe (a name); ValueError if the export has other weights, or another task."""
    model, origin = load_model(recipe)
    folder = model_folder(recipe)
    if task == "keywords":
        of_keywords([folder])
    spotter = SpotterC(folder)
    require_current_export(folder, spotter.model, model)
    return model, spotter, origin


def require_current_export(folder, about, model):
    """ValueError if a folder's export, described by the ModelJson about, has other weights than the Model."""
    if about.weights_sha256 != model.sha256():
        raise ValueError(f"{folder}: exported from older weights: run `{make_command('export', model.recipe)}`")


KINDS = {"keywords": Calibration, "anomaly": AnomalyCalibration}


def load_calibration(recipe, model):
    """The Calibration, or AnomalyCalibration, of exactly this model, in BUILD or shipped; ValueError if there is none.

    Warnings about its operating points are printed on standard error.
    """
    candidates = [build_folder() / recipe / "calibration.json", MODELS / recipe / "calibration.json"]
    for path in candidates:
        if path.exists():
            calibration = read_json(path, KINDS[model.task])
            if calibration.weights_sha256 == model.sha256() and model.task == "anomaly":
                return calibration
            if calibration.weights_sha256 == model.sha256():
                _require_ranges(path, calibration, model)
                for warning in warnings_of(calibration.operating_points):
                    print(f"warning: {path}: {warning}", file=sys.stderr)
                return calibration
    raise ValueError(f"no calibration of these weights of {recipe}: run `{make_command('calibrate', recipe)}`")


def _require_ranges(path, calibration, model):
    activations = {"features": None}
    model.run(np.zeros((1, 1, model.frontend.bands), np.int8), activations=activations)
    missing = sorted(set(activations) - set(calibration.ranges))
    if missing:
        raise ValueError(
            f"{path}: lacks the ranges of {', '.join(missing)}: run `{make_command('calibrate', model.recipe)}`"
        )
