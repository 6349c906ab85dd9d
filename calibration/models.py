"""The float model of a recipe: from its newest training, else as shipped with the tree."""

import sys

import numpy as np

from calibration.operating_points import warnings_of
from calibration.records import Calibration
from firmware.files import read_json
from firmware.host.binding import SpotterC
from firmware.paths import MODELS, build_folder
from firmware.recipes import make_command, model_folder
from train.model import Model


def load_model(recipe):
    """The Model of a recipe (a name), and a sentence that says where it came from.

    BUILD/recipe/checkpoint.pt wins where it is newer than firmware/models/recipe/weights.npz.
    """
    checkpoint, shipped = build_folder() / recipe / "checkpoint.pt", MODELS / recipe / "weights.npz"
    if checkpoint.exists() and not (shipped.exists() and shipped.stat().st_mtime > checkpoint.stat().st_mtime):
        from train.checkpoint import model_in

        return model_in(checkpoint), f"weights of {checkpoint}"
    if shipped.exists():
        return Model.load(shipped), f"weights of {shipped}"
    raise FileNotFoundError(
        f"no trained model of recipe {recipe} in {checkpoint} or {shipped}: run `{make_command('train', recipe)}`"
    )


def open_exported(recipe):
    """(Model, SpotterC, the sentence of load_model) of a recipe (a name); ValueError where the export is of other weights."""
    model, origin = load_model(recipe)
    folder = model_folder(recipe)
    spotter = SpotterC(folder)
    require_current_export(folder, spotter.model, model)
    return model, spotter, origin


def require_current_export(folder, about, model):
    """ValueError when a folder's export, whose ModelJson is about, has other weights than the Model."""
    if about.weights_sha256 != model.sha256():
        raise ValueError(
            f"{folder}: exported from other weights than the newest: run `{make_command('export', model.recipe)}`"
        )


def load_calibration(recipe, model):
    """The calibration of exactly this model: BUILD's, else the shipped one; ValueError where neither is its own.

    What is wrong with its operating points is told on standard error.
    """
    candidates = [build_folder() / recipe / "calibration.json", MODELS / recipe / "calibration.json"]
    for path in candidates:
        if path.exists():
            calibration = read_json(path, Calibration)
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
            f"{path}: lacks the range of {', '.join(missing)}: run `{make_command('calibrate', model.recipe)}`"
        )
