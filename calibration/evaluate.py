"""Accuracy through the integer path, the host build of the very C that ships.

    python -m calibration.evaluate RECIPE FOLDER       writes BUILD/RECIPE/evaluation.json

FOLDER is in the layout of the official Speech Commands test set, one folder a word with _unknown_ and _silence_,
or the pictures of corpus logmel, of which the validation split is taken (features then enter at the cell).

The decision is the argmax of the mean logits over the last decision_hops hops of a clip.  Streamed and float are
compared with the integers that are reset clip by clip: discordant pairs and exact McNemar.  The first time
that a model hears a folder of recordings, a line is added to BUILD/RECIPE/looks.json, which the model card prints.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from calibration.decision import decide
from calibration.hearing import hear_clips, hear_folder
from calibration.models import open_exported
from calibration.records import Confusion, Evaluation, Look
from calibration.significance import mcnemar, wilson
from firmware.command import run_command
from firmware.files import read_json, write_json
from firmware.paths import build_folder, data_folder
from firmware.recipes import recipe_name
from train.corpora import logmel
from train.corpora.account import unknown_lines
from train.corpora.clips import VALIDATION
from train.corpora.download import fetch_speech_commands
from train.recipe import load_recipe

OFFICIAL_TEST = "speech_commands_test"
"""The official test set under DATA; fetched where it is missing."""


def hear_logmel(spotter, recipe, folder):
    clips = logmel.load_from(recipe, folder)
    for line in unknown_lines(recipe, clips.select(clips.split == VALIDATION)):
        print(line)
    return hear_clips(spotter, recipe, clips)


def evaluate(recipe, folder):
    """The Evaluation of a recipe over a folder."""
    name = recipe_name(recipe)
    model, spotter, origin = open_exported(name)
    print(f"evaluating {origin}")
    tests = (
        hear_logmel(spotter, load_recipe(recipe), folder)
        if (folder / logmel.PICTURES).exists()
        else hear_folder(spotter, folder)
    )
    predicted = decide(tests.reset, model.decision_hops)
    right = predicted == tests.labels
    streamed = decide(tests.streamed, model.decision_hops) == tests.labels
    in_float = decide(model.run(tests.codes)[0], model.decision_hops) == tests.labels
    low, high = wilson(int(right.sum()), len(right))
    confusion = np.zeros((len(model.labels), len(model.labels)), int)
    np.add.at(confusion, (tests.labels, predicted), 1)
    return Evaluation(
        recipe=name,
        model_sha256=spotter.model.model_sha256,
        clips=len(right),
        errors=int((~right).sum()),
        accuracy=float(right.mean()),
        accuracy_low=low,
        accuracy_high=high,
        accuracy_streamed=float(streamed.mean()),
        accuracy_float=float(in_float.mean()),
        against={"streamed": mcnemar(right, streamed), "float": mcnemar(right, in_float)},
        order_sha256=hashlib.sha256("\n".join(tests.names).encode()).hexdigest(),
        recall={
            label: float(right[tests.labels == index].mean())
            for index, label in enumerate(model.labels)
            if (tests.labels == index).any()
        },
        confusion=Confusion(labels=model.labels, counts=tuple(map(tuple, confusion.tolist()))),
        predictions={name: model.labels[label] for name, label in zip(tests.names, predicted, strict=True)},
    )


def with_look(looks, look):
    """A log of looks with one more, but where it has one at the same recordings by the same model."""
    seen = {(old.model_sha256, old.order_sha256) for old in looks}
    return looks if (look.model_sha256, look.order_sha256) in seen else [*looks, look]


def note_look(evaluation, test, path):
    """Add a look at test recordings to the log in path."""
    looks = read_json(path, list[Look]) if path.exists() else []
    figures = {name: getattr(evaluation, name) for name in Look.model_fields if name != "test"}
    write_json(path, with_look(looks, Look(test=test, **figures)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    folder = Path(arguments.folder).absolute()
    if folder.resolve() == data_folder() / OFFICIAL_TEST:
        fetch_speech_commands(data_folder(), OFFICIAL_TEST)
    if not arguments.folder or not folder.is_dir():
        raise ValueError(f"'{arguments.folder}': no such folder; give one as TEST=")
    evaluation = evaluate(arguments.recipe, folder)
    path = build_folder() / evaluation.recipe / "evaluation.json"
    write_json(path, evaluation)
    if not (folder / logmel.PICTURES).exists():
        note_look(evaluation, folder.name, path.parent / "looks.json")
    print(
        f"{evaluation.clips} clips, {evaluation.errors} errors: accuracy {evaluation.accuracy:.4f} "
        f"({evaluation.accuracy_low:.4f}..{evaluation.accuracy_high:.4f}), streamed {evaluation.accuracy_streamed:.4f}, "
        f"float {evaluation.accuracy_float:.4f}"
    )
    for mode, pairs in evaluation.against.items():
        print(f"{mode}: {pairs.lost} clips lost, {pairs.gained} gained, exact McNemar p = {pairs.p:.3f}")
    print("recall: " + ", ".join(f"{label} {share:.3f}" for label, share in evaluation.recall.items()) + f"\n{path}")


if __name__ == "__main__":
    run_command("evaluate", main)
