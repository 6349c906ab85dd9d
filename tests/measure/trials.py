"""Trials of a recipe with changed settings: trained if missing in BUILD, and run by the C library on validation clips.

The C of a trial has no calibrated detector; it is in trial/ beside the checkpoint."""

import hashlib
from dataclasses import dataclass

import numpy as np

from calibration.detector import Detector
from calibration.hearing import TestSet, hear_clips
from export.c_files import write_c
from firmware.files import read_json, write_json
from firmware.host.binding import SpotterC
from firmware.paths import build_folder
from firmware.recipes import checkpoint
from train.checkpoint import is_of, model_in, read_checkpoint
from train.corpora import load_corpora
from train.decision import decide, decide_in_a_stream, of_clips_alone
from train.integer_model import LOGIT_UNIT
from train.model import Model
from train.training import train


def any_detector(model):
    """A detector for the export; trials do not use it."""
    return Detector.with_one_threshold(16384, model.keywords)


def changed(recipe, name, kind=None, **changes):
    """A recipe with another name and changed settings: top-level ones, or {key: value} of a section.

    kind: another class of recipe.
    """
    settings = {**recipe.model_dump(), "name": name}
    for key, value in changes.items():
        settings[key] = {**(settings[key] or {}), **value} if isinstance(value, dict) else value
    return (kind or type(recipe)).model_validate(settings)


@dataclass(frozen=True)
class Heard:
    """A trained trial and the results of its C library on the validation clips."""

    model: Model
    about: dict
    spotter: SpotterC
    tests: TestSet

    def accuracy(self):
        """{mode: accuracy} by the clip rule: integers reset and streamed, and float."""
        front = self.model.frontend
        logits = {
            "reset": self.tests.reset * LOGIT_UNIT,
            "streamed": self.tests.streamed * LOGIT_UNIT,
            "float": of_clips_alone(front, self.model.run(self.tests.codes)[0]),
        }
        return accuracies(front, logits, self.tests.labels, self.model.keywords)


def accuracies(frontend, logits, labels, keywords):
    """{mode: accuracy} of {mode: logits [clips, hops, labels]}; those of mode `streamed` follow one another."""
    found = {}
    for mode, of_mode in logits.items():
        rule = decide_in_a_stream if mode == "streamed" else decide
        found[mode] = float((rule(frontend, of_mode, keywords) == labels).mean())
    return found


def hear(recipe):
    """The Heard of a trained recipe."""
    folder = build_folder() / recipe.name
    model = model_in(checkpoint(recipe.name))
    about = write_c(model, model.quantize(), any_detector(model), folder / "trial")
    spotter = SpotterC(folder / "trial")
    return Heard(model, about, spotter, hear_clips(spotter, recipe, load_corpora(recipe)))


def train_once(recipe, trainer_of=None):
    """Train a recipe unless it is trained; no clip is read if it is.  trainer_of: as of train()."""
    path = checkpoint(recipe.name)
    if path.exists():
        stored = read_checkpoint(path)
        if is_of(stored, recipe) and stored.so_far().finished(recipe.training):
            return
    train(recipe, trainer_of=trainer_of)


def figures_of(recipe, name, measure, trainer_of=None):
    """measure(recipe) of a trained recipe, cached in BUILD/<recipe>/<name>.json.

    It is measured again if the checkpoint changed; after a change of the integers, remove those files.
    """
    train_once(recipe, trainer_of)
    folder = build_folder() / recipe.name
    kept, trained = folder / f"{name}.json", hashlib.sha256(checkpoint(recipe.name).read_bytes()).hexdigest()
    if kept.exists() and (found := read_json(kept, dict)).get("checkpoint_sha256") == trained:
        return found["figures"]
    figures = measure(recipe)
    write_json(kept, {"checkpoint_sha256": trained, "figures": figures})
    return figures


def spread(values):
    """The mean and the range of values, as text."""
    return f"{np.mean(values):.4f} ({min(values):.4f}..{max(values):.4f})"
