"""Checkpoints: the state of a training, written after every epoch, read to continue it or to use the trained weights."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from firmware.files import first_problem, write_whole
from firmware.recipes import make_command
from train.network import model_of
from train.recipe import recipe_of_json

FORMAT = 9


def _dense(tensor):
    """ValueError for a tensor without values in memory, or with some of them."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu":
        raise ValueError(f"is a tensor of layout {tensor.layout} on {tensor.device.type}")
    return tensor


Tensor = Annotated[torch.Tensor, AfterValidator(_dense)]
Weights = dict[str, Tensor]
"""A network's state dict."""


@dataclass
class Progress:
    """How far a training is, and its history."""

    epoch: int = 0
    step: int = 0
    history: list = field(default_factory=list)

    def finished(self, training):
        return self.epoch >= training.epochs


class Stored(BaseModel):
    """A part of a checkpoint; its values may be tensors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class StoredProgress(Stored):
    """The fields of Progress."""

    epoch: int = Field(ge=0)
    step: int = Field(ge=0)
    history: list[dict[str, int | float]]


class Checkpoint(Stored):
    """Everything that an epoch changes, and hashes of what the training depends on."""

    format: Literal[FORMAT]
    recipe: str = Field(description="Recipe as JSON")
    clips_sha256: str
    rooms_sha256: str | None = None
    teacher_sha256: str | None = None
    network: Weights
    averaged: Weights
    optimizers: list[dict[str, Any]]
    states: list[Tensor]
    progress: StoredProgress

    def training(self):
        """(Recipe, Progress); a recipe key that is newer than the checkpoint has its default."""
        return recipe_of_json(self.recipe), self.so_far()

    def so_far(self):
        """The Progress."""
        return Progress(**dict(self.progress))


def write_checkpoint(path, checkpoint):
    """Write a Checkpoint."""
    buffer = io.BytesIO()
    plain = {**dict(checkpoint), "progress": dict(checkpoint.progress)}  # types that torch loads with weights_only
    torch.save(plain, buffer)
    write_whole(path, buffer.getvalue())


def save_checkpoint(path, trainer):
    """Write the Checkpoint of a Trainer."""
    checkpoint = Checkpoint(
        format=FORMAT,
        recipe=trainer.recipe.model_dump_json(),
        clips_sha256=trainer.clips_sha256,
        rooms_sha256=trainer.rooms_sha256(),
        teacher_sha256=trainer.teacher_sha256(),
        network=dict(trainer.network.state_dict()),
        averaged=trainer.averaged,
        optimizers=trainer.optimizers.state_dict(),
        states=[trainer.processes.all_rows(state) for state in trainer.states],
        progress=StoredProgress(**vars(trainer.progress)),
    )
    if trainer.processes.first:
        write_checkpoint(path, checkpoint)


def read_checkpoint(path):
    """The Checkpoint in a file; ValueError naming the file if it is damaged or of another format."""
    content = Path(path).read_bytes()
    try:
        checkpoint = Checkpoint.model_validate(torch.load(io.BytesIO(content), weights_only=True))
    except MemoryError:
        raise
    except Exception as error:  # torch's own message advises loading it unsafely
        reason = first_problem(error) if isinstance(error, ValidationError) else "damaged"
        raise ValueError(
            f"{path}: not a complete checkpoint of format {FORMAT} ({reason}); remove it to train again"
        ) from None
    return checkpoint


def is_of(checkpoint, recipe):
    """Whether this recipe made a checkpoint."""
    try:
        return type(recipe).model_validate_json(checkpoint.recipe) == recipe
    except ValidationError:
        return False


def _require_fit(path, checkpoint, trainer):
    """ValueError if weights or states do not fit a trainer's network, or are not finite."""

    def kinds(tensors):
        return [(value.shape, value.dtype) for value in tensors]

    wanted = trainer.network.state_dict()
    for held in (checkpoint.network, checkpoint.averaged):
        if list(held) != list(wanted) or kinds(held.values()) != kinds(wanted.values()):
            raise _of_another_network(path, "names or shapes differ")
        _require_finite(path, held)
    if kinds(checkpoint.states) != kinds(trainer.network.zero_states(trainer.settings.batch)):
        raise _of_another_network(path, "states differ")


def _require_finite(path, weights):
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError(f"{path}: a weight is not finite; remove it to train again")


def _of_another_network(path, error):
    """ValueError with the last line of an error of torch, which has the first mismatch."""
    reason = str(error).strip().splitlines()[-1].strip()
    return ValueError(f"{path}: has the weights of another network ({reason}); remove it to train again")


def read_checkpoint_of(recipe, path):
    """The Checkpoint in a file; ValueError if another version of the recipe made it."""
    checkpoint = read_checkpoint(path)
    if not is_of(checkpoint, recipe):
        raise ValueError(
            f"{path}: made by another version of recipe {recipe.name}; remove it to train again, or restore the recipe"
        )
    return checkpoint


def resume(trainer, path):
    """Continue a training from a checkpoint; ValueError if it was made by another recipe or teacher, other clips or rooms."""
    checkpoint = read_checkpoint_of(trainer.recipe, path)
    if checkpoint.clips_sha256 != trainer.clips_sha256:
        raise ValueError(
            f"{path}: made from other clips than DATA has now; remove it to train again, or restore the recordings"
        )
    if checkpoint.rooms_sha256 != trainer.rooms_sha256():
        raise ValueError(
            f"{path}: made with other rooms than DATA has now; remove it to train again, or restore the recordings"
        )
    if checkpoint.teacher_sha256 != trainer.teacher_sha256():
        raise ValueError(f"{path}: made with other weights of its teacher; remove it to train again")
    _require_fit(path, checkpoint, trainer)
    try:
        trainer.network.load_state_dict(checkpoint.network)
        trainer.optimizers.load_state_dict(checkpoint.optimizers)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:  # torch's, for another state dict
        raise _of_another_network(path, error) from None
    trainer.averaged = checkpoint.averaged
    trainer.states = trainer.own_rows(checkpoint.states)
    trainer.progress = checkpoint.so_far()


def read_finished(path):
    """(Recipe, averaged weights) of a checkpoint; ValueError if the training has not finished."""
    checkpoint = read_checkpoint(path)
    try:
        recipe, progress = checkpoint.training()
    except ValidationError as error:
        raise ValueError(
            f"{path}: its recipe is not valid in this version ({first_problem(error)}); remove the file to train again"
        ) from None
    if not progress.finished(recipe.training):
        raise ValueError(f"{path}: its training has not finished; `{make_command('train', recipe.name)}` continues it")
    return recipe, checkpoint.averaged


def model_in(path):
    """The trained Model of a checkpoint; ValueError if its training has not finished or its weights do not fit its recipe."""
    recipe, weights = read_finished(path)
    _require_finite(path, weights)
    try:
        model = model_of(recipe, weights)
        model.require_usable()
    except RuntimeError as error:
        raise _of_another_network(path, error) from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return model
