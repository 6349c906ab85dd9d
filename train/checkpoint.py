"""Checkpoints: where a run is, written whole after every epoch, read back to go on, or to use the trained weights."""

import io
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import torch
from pydantic import ValidationError

from firmware.files import write_whole
from train.network import model_of
from train.recipe import Recipe

FORMAT = 6


@dataclass
class Progress:
    """Where a run is: everything that a resumed run needs besides the recipe and the data."""

    epoch: int = 0
    step: int = 0
    best_accuracy: float = -1.0
    best_epoch: int = 0
    best_weights: dict = field(default_factory=dict)
    history: list = field(default_factory=list)

    def finished(self, training):
        return self.epoch >= training.epochs or self.epoch - self.best_epoch >= training.patience_epochs


def write_checkpoint(path, checkpoint):
    """Write a checkpoint, a dict, whole."""
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    write_whole(path, buffer.getvalue())


def save_checkpoint(path, trainer):
    """Everything that train_epoch changes."""
    write_checkpoint(
        path,
        {
            "format": FORMAT,
            "recipe": trainer.recipe.model_dump_json(),
            "pictures_sha256": trainer.pictures_sha256,
            "teacher_sha256": trainer.teacher_sha256(),
            "network": trainer.network.state_dict(),
            "averaged": trainer.averaged,
            "optimizers": trainer.optimizers.state_dict(),
            "states": trainer.states,
            "progress": vars(trainer.progress),
        },
    )


def read_checkpoint(path):
    """A checkpoint as a dict; ValueError naming the file where it is damaged or of another format."""
    content = Path(path).read_bytes()
    try:
        checkpoint = torch.load(io.BytesIO(content), weights_only=True)
        is_whole = checkpoint["format"] == FORMAT
    except (ValueError, KeyError, TypeError, EOFError, RuntimeError, pickle.UnpicklingError):
        is_whole = False  # torch's own words would advise to load it unsafely
    if not is_whole:
        raise ValueError(f"{path}: not a whole checkpoint of format {FORMAT}; remove it to train anew")
    return checkpoint


def is_of(checkpoint, recipe):
    """Whether a checkpoint was made by this recipe; a key that came later is taken to have had today's default."""
    try:
        return Recipe.model_validate_json(checkpoint["recipe"]) == recipe
    except ValidationError:
        return False


def resume(trainer, path):
    """Put a trainer where the checkpoint is; ValueError where it belongs to another recipe or other clips."""
    checkpoint = read_checkpoint(path)
    if not is_of(checkpoint, trainer.recipe):
        raise ValueError(
            f"{path}: made by another version of recipe {trainer.recipe.name}; "
            "remove it to train anew, or restore the recipe"
        )
    if checkpoint["pictures_sha256"] != trainer.pictures_sha256:
        raise ValueError(
            f"{path}: made of other clips than DATA holds now; remove it to train anew, or restore the recordings"
        )
    if checkpoint.get("teacher_sha256") != trainer.teacher_sha256():
        raise ValueError(f"{path}: taught by other weights of its teacher; remove it to train anew")
    trainer.network.load_state_dict(checkpoint["network"])
    trainer.averaged = checkpoint["averaged"]
    trainer.optimizers.load_state_dict(checkpoint["optimizers"])
    trainer.states = checkpoint["states"]
    trainer.progress = Progress(**checkpoint["progress"])


def read_trained(path):
    """The Recipe of a checkpoint and its best averaged weights, a state dict."""
    checkpoint = read_checkpoint(path)
    return Recipe.model_validate_json(checkpoint["recipe"]), checkpoint["progress"]["best_weights"]


def read_finished(path):
    """As read_trained; ValueError where the training has not ended."""
    recipe, weights = read_trained(path)
    if not Progress(**read_checkpoint(path)["progress"]).finished(recipe.training):
        raise ValueError(f"{path}: its training has not ended; `make train RECIPE={recipe.name}` goes on")
    return recipe, weights


def model_in(path):
    """The trained Model of a checkpoint."""
    return model_of(*read_trained(path))
