"""Checkpoints: where a run is, written whole after every epoch, read back to go on, or to use the trained weights."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from firmware.files import first_problem, write_whole
from firmware.recipes import make_command
from train.network import model_of
from train.recipe import Recipe

FORMAT = 7
Weights = dict[str, torch.Tensor]
"""A network's state dict."""


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


class Stored(BaseModel):
    """A part of a checkpoint; tensors among its values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class StoredProgress(Stored):
    """The fields of Progress."""

    epoch: int = Field(ge=0)
    step: int = Field(ge=0)
    best_accuracy: float
    best_epoch: int = Field(ge=0)
    best_weights: Weights
    history: list[dict[str, int | float]]


class Checkpoint(Stored):
    """Everything that an epoch changes, and what it was made of."""

    format: Literal[FORMAT]
    recipe: str = Field(description="Recipe as JSON")
    clips_sha256: str
    teacher_sha256: str | None = None
    network: Weights
    averaged: Weights
    optimizers: list[dict[str, Any]]
    states: list[torch.Tensor]
    progress: StoredProgress

    def training(self):
        """(its Recipe, its Progress); a key of the recipe that came later is taken to have had today's default."""
        return Recipe.model_validate_json(self.recipe), Progress(**dict(self.progress))


def write_checkpoint(path, checkpoint):
    """Write a Checkpoint whole."""
    buffer = io.BytesIO()
    torch.save({**dict(checkpoint), "progress": dict(checkpoint.progress)}, buffer)  # no class of ours in it
    write_whole(path, buffer.getvalue())


def save_checkpoint(path, trainer):
    """Everything that train_epoch changes."""
    checkpoint = Checkpoint(
        format=FORMAT,
        recipe=trainer.recipe.model_dump_json(),
        clips_sha256=trainer.clips_sha256,
        teacher_sha256=trainer.teacher_sha256(),
        network=dict(trainer.network.state_dict()),
        averaged=trainer.averaged,
        optimizers=trainer.optimizers.state_dict(),
        states=list(trainer.states),
        progress=StoredProgress(**vars(trainer.progress)),
    )
    write_checkpoint(path, checkpoint)


def read_checkpoint(path):
    """The Checkpoint in a file; ValueError naming the file where it is damaged or of another format."""
    content = Path(path).read_bytes()
    try:
        checkpoint = Checkpoint.model_validate(torch.load(io.BytesIO(content), weights_only=True))
    except MemoryError:
        raise
    except Exception as error:  # torch's own words would advise to load it unsafely
        reason = first_problem(error) if isinstance(error, ValidationError) else "damaged"
        raise ValueError(
            f"{path}: not a whole checkpoint of format {FORMAT} ({reason}); remove it to train anew"
        ) from None
    return checkpoint


def is_of(checkpoint, recipe):
    """Whether a checkpoint was made by this recipe."""
    try:
        return checkpoint.training()[0] == recipe
    except ValidationError:
        return False


def _require_fit(path, checkpoint, trainer):
    """ValueError where weights or states are not those of a trainer's network, or are not finite."""

    def kinds(tensors):
        return [(value.shape, value.dtype) for value in tensors]

    wanted, progress = trainer.network.state_dict(), checkpoint.progress
    weights = [checkpoint.network, checkpoint.averaged, *([progress.best_weights] if progress.epoch else [])]
    for held in weights:
        if list(held) != list(wanted) or kinds(held.values()) != kinds(wanted.values()):
            raise _of_another_network(path, "names or shapes differ")
        if not all(value.isfinite().all() for value in held.values()):
            raise ValueError(f"{path}: holds a weight that is not finite; remove it to train anew")
    if kinds(checkpoint.states) != kinds(trainer.states):
        raise _of_another_network(path, "states differ")


def _of_another_network(path, error):
    """torch says it in many lines, of which the last is an example."""
    reason = str(error).strip().splitlines()[-1].strip()
    return ValueError(f"{path}: holds the weights of another network ({reason}); remove it to train anew")


def resume(trainer, path):
    """Put a trainer where the checkpoint is; ValueError where it belongs to another recipe or other clips."""
    checkpoint = read_checkpoint(path)
    if not is_of(checkpoint, trainer.recipe):
        raise ValueError(
            f"{path}: made by another version of recipe {trainer.recipe.name}; "
            "remove it to train anew, or restore the recipe"
        )
    if checkpoint.clips_sha256 != trainer.clips_sha256:
        raise ValueError(
            f"{path}: made of other clips than DATA holds now; remove it to train anew, or restore the recordings"
        )
    if checkpoint.teacher_sha256 != trainer.teacher_sha256():
        raise ValueError(f"{path}: taught by other weights of its teacher; remove it to train anew")
    _require_fit(path, checkpoint, trainer)
    try:
        trainer.network.load_state_dict(checkpoint.network)
        trainer.optimizers.load_state_dict(checkpoint.optimizers)
    except (RuntimeError, ValueError, KeyError) as error:  # torch's, of a state dict that is another network's
        raise _of_another_network(path, error) from None
    trainer.averaged = checkpoint.averaged
    trainer.states = checkpoint.states
    trainer.progress = checkpoint.training()[1]


def _training_in(path):
    """(Recipe, Progress) of the checkpoint in a file."""
    try:
        return read_checkpoint(path).training()
    except ValidationError as error:
        raise ValueError(
            f"{path}: its recipe is not valid in this version ({first_problem(error)}); remove the file to train anew"
        ) from None


def read_finished(path):
    """(Recipe, best averaged weights) of a checkpoint; ValueError where the training has not ended."""
    recipe, progress = _training_in(path)
    if not progress.finished(recipe.training):
        raise ValueError(f"{path}: its training has not ended; `{make_command('train', recipe.name)}` goes on")
    return recipe, progress.best_weights


def model_in(path):
    """The trained Model of a checkpoint; ValueError naming the file where its weights are not the recipe's."""
    recipe, progress = _training_in(path)
    try:
        model = model_of(recipe, progress.best_weights)
        model.require_usable()
    except RuntimeError as error:
        raise _of_another_network(path, error) from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return model
