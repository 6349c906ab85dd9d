"""The trained model of a recipe by its name; torch is imported only where a checkpoint is read."""

from firmware.paths import MODELS
from firmware.recipes import checkpoint
from train.model import Model

WEIGHTS = "weights.npz"
"""The float weights of a model that ships, in its folder."""


def trained_model(name):
    """(Model, its file): the training in BUILD, else the weights that ship; None if there is neither.

    ValueError if the file is damaged or the training has not finished.
    """
    trained, shipped = checkpoint(name), MODELS / name / WEIGHTS
    if trained.exists():
        from train.checkpoint import model_in

        return model_in(trained), trained
    return (Model.load(shipped), shipped) if shipped.exists() else None
