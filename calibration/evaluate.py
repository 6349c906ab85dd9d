"""Accuracy over test clips, by the host build of the C library that ships.

    python -m calibration.evaluate RECIPE FOLDER       writes BUILD/RECIPE/evaluation.json

A recipe of anomalies is measured by anomaly/evaluation.py; of keywords:

FOLDER has the layout of the official Speech Commands test set: a folder for each word, _unknown_ and _silence_.  Or it
is the corpus logmel, of which the validation split is used; its features go into the network without the front end.

A clip is decided by the clip rule (train/decision.py), with the state reset for each clip.  Streamed accuracy (never reset)
and float accuracy are compared with it: discordant pairs and exact McNemar.  The first evaluation of a model on a
folder of recordings is added to BUILD/RECIPE/looks.json, which the model card shows.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from calibration.anomaly.evaluation import evaluate_and_write
from calibration.hearing import hear_clips, hear_folder
from calibration.looks import note_look
from calibration.models import open_exported
from calibration.records import Confusion, Evaluation
from calibration.significance import mcnemar, wilson
from firmware.command import run_command
from firmware.files import write_json
from firmware.paths import build_folder, data_folder
from firmware.recipes import recipe_file, recipe_name
from train.corpora import logmel
from train.corpora.account import unknown_lines
from train.corpora.speech_commands import fetch_speech_commands
from train.decision import decide, decide_in_a_stream, of_clips_alone
from train.integer_model import LOGIT_UNIT
from train.recipe import load_recipe
from train.splits import VALIDATION

OFFICIAL_TEST = "speech_commands_test"
"""The official test set under DATA; downloaded if missing."""


def hear_logmel(spotter, recipe, folder):
    """A TestSet of the validation split of the corpus logmel in a folder."""
    clips = logmel.load_from(recipe, folder)
    for line in unknown_lines(recipe, clips.select(clips.split == VALIDATION)):
        print(line)
    return hear_clips(spotter, recipe, clips)


def evaluate(recipe, folder):
    """The Evaluation of a recipe (a name or a .toml file) on a folder."""
    name = recipe_name(recipe)
    model, spotter, origin = open_exported(name)
    print(f"evaluating {origin}")
    tests = (
        hear_logmel(spotter, load_recipe(recipe), folder)
        if (folder / logmel.PICTURES).exists()
        else hear_folder(spotter, folder)
    )
    predicted = decide(model.frontend, tests.reset * LOGIT_UNIT, model.keywords)
    right = predicted == tests.labels
    streamed = decide_in_a_stream(model.frontend, tests.streamed * LOGIT_UNIT, model.keywords) == tests.labels
    float_logits = of_clips_alone(model.frontend, model.run(tests.codes)[0])
    in_float = decide(model.frontend, float_logits, model.keywords) == tests.labels
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


def machine_recipe(name):
    """The recipe of anomalies of this name, or None if it is one of keywords, or has no file."""
    if not (name.endswith(".toml") or recipe_file(name).exists()):
        return None
    recipe = load_recipe(name)
    return recipe if recipe.task == "anomaly" else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    recipe = machine_recipe(arguments.recipe)
    if recipe:
        tests = Path(arguments.folder).absolute() if arguments.folder else data_folder() / recipe.sound / "test"
        return evaluate_and_write(recipe, tests)
    folder = Path(arguments.folder).absolute()
    if folder.resolve() == data_folder() / OFFICIAL_TEST:
        fetch_speech_commands(data_folder(), OFFICIAL_TEST)
    if not arguments.folder or not folder.is_dir():
        raise ValueError(f"'{arguments.folder}': no such folder; give a folder of test recordings as TEST=")
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
