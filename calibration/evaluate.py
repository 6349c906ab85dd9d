"""Accuracy through the integer path, the host build of the very C that ships.

    python -m calibration.evaluate RECIPE FOLDER       writes BUILD/RECIPE/evaluation.json

FOLDER is in the layout of the official Speech Commands test set, one folder a word with _unknown_ and _silence_,
or the pictures of corpus logmel, of which the validation split is taken (features then enter at the cell).

Clip rule: a clip is one second (zeros at the end, or the first second), the decision the argmax of the mean
logits over the last decision_hops hops.  Reset: each clip from a reset spotter.  Streamed: all clips joined
without a gap in one order (sorted paths, shuffled, seed 0), nothing ever reset; a clip's hops are those whose
frame ends in it.
"""

import argparse
import hashlib
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.calibrate import decide
from calibration.models import load_model
from firmware.audio import one_second, read_recording
from firmware.build import BuildError
from firmware.files import write_json
from firmware.host import SpotterC
from firmware.paths import build_folder, data_folder
from firmware.recipes import model_folder, recipe_name
from train.corpora import logmel
from train.corpora.download import fetch_speech_commands
from train.corpora.pictures import VALIDATION, hops_of
from train.corpora.recordings import audio_files, words_in
from train.progress import progress
from train.recipe import FOLDER_WORDS, UNKNOWN, load_recipe

OFFICIAL_TEST = "speech_commands_test"
"""The official test set under DATA; fetched where it is missing."""


@dataclass(frozen=True)
class TestSet:
    """Names and label indices of clips in the streamed order, and the logits that the C library gave them."""

    names: list
    labels: np.ndarray
    codes: np.ndarray  # int8 [clips, hops, bands], from a reset front end
    reset: np.ndarray  # int16 [clips, hops, labels]
    streamed: np.ndarray  # likewise


def shuffled(count):
    return np.random.default_rng(0).permutation(count)


def label_of_folder(name, labels):
    """A test folder's label index; a word the model does not know is unknown."""
    word = FOLDER_WORDS.get(name, name.lower())
    return labels.index(word if word in labels else UNKNOWN)


def hear_recordings(spotter, folder):
    """A TestSet of recordings, through PCM."""
    files = [path for word in words_in(folder) for path in audio_files(word)]
    if not files:
        raise ValueError(f"{folder}: no recordings in <word>/")
    files = [files[place] for place in shuffled(len(files))]
    clips = [one_second(read_recording(path)) for path in progress(files, "reading")]
    traces = []
    for clip in progress(clips, "hearing, reset"):
        spotter.reset()
        traces.append(spotter.hear(clip))
    spotter.reset()
    streamed = [spotter.hear(clip).logits for clip in progress(clips, "hearing, streamed")]
    return TestSet(
        [str(path.relative_to(folder)) for path in files],
        np.array([label_of_folder(path.parent.name, spotter.labels) for path in files]),
        np.stack([trace.codes for trace in traces]),
        np.stack([trace.logits for trace in traces]),
        np.stack(streamed),
    )


def hear_pictures(spotter, recipe, folder):
    """A TestSet of the validation pictures of corpus logmel; features enter at the cell."""
    pictures = logmel.load(None, recipe, folder.parent)
    pictures = pictures.select(pictures.split == VALIDATION)
    rows = shuffled(len(pictures))
    pictures = pictures.select(rows)
    codes = hops_of(recipe.front, pictures.levels)
    reset = []
    for clip in progress(codes, "hearing, reset"):
        spotter.reset()
        reset.append(spotter.stream(clip))
    reset = np.stack(reset)
    spotter.reset()
    streamed = spotter.stream(codes.reshape(-1, codes.shape[2]))
    return TestSet(
        [f"{word}/{speaker}/{row}" for word, speaker, row in zip(pictures.word, pictures.speaker, rows, strict=True)],
        np.array([recipe.label_of(word) for word in pictures.word]),
        codes,
        reset,
        streamed.reshape(reset.shape),
    )


def wilson(successes, count, z=1.959964):
    """The 95 % Wilson interval of a share (Wilson 1927)."""
    share, spread = successes / count, z * z / count
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return centre - half, centre + half


def evaluate(recipe, folder):
    """The value of evaluation.json."""
    name = recipe_name(recipe)
    model, origin = load_model(name)
    print(f"evaluating {origin}")
    exported = model_folder(name)
    spotter = SpotterC(exported)
    if spotter.model["weights_sha256"] != model.sha256():
        raise ValueError(f"{exported}: exported from other weights than the newest: run `make export RECIPE={recipe}`")
    tests = (
        hear_pictures(spotter, load_recipe(recipe), folder)
        if (folder / logmel.PICTURES).exists()
        else hear_recordings(spotter, folder)
    )
    predicted = decide(tests.reset.astype(np.int64), model.decision_hops)
    right = predicted == tests.labels
    streamed = decide(tests.streamed.astype(np.int64), model.decision_hops) == tests.labels
    in_float = decide(model.run(tests.codes)[0], model.decision_hops) == tests.labels
    low, high = wilson(int(right.sum()), len(right))
    confusion = np.zeros((len(model.labels), len(model.labels)), int)
    np.add.at(confusion, (tests.labels, predicted), 1)
    return {
        "recipe": name,
        "model_sha256": spotter.model["model_sha256"],
        "clips": len(right),
        "errors": int((~right).sum()),
        "accuracy": float(right.mean()),
        "accuracy_low": low,
        "accuracy_high": high,
        "accuracy_streamed": float(streamed.mean()),
        "accuracy_float": float(in_float.mean()),
        "order_sha256": hashlib.sha256("\n".join(tests.names).encode()).hexdigest(),
        "recall": {
            label: float(right[tests.labels == index].mean())
            for index, label in enumerate(model.labels)
            if (tests.labels == index).any()
        },
        "confusion": {"labels": list(model.labels), "counts": confusion.tolist()},
        "predictions": {name: model.labels[label] for name, label in zip(tests.names, predicted, strict=True)},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    folder = Path(arguments.folder).resolve()
    if folder == data_folder() / OFFICIAL_TEST:
        fetch_speech_commands(data_folder(), OFFICIAL_TEST)
    if not arguments.folder or not folder.is_dir():
        raise ValueError(f"'{arguments.folder}': no such folder; give one as TEST=")
    evaluation = evaluate(arguments.recipe, folder)
    path = build_folder() / evaluation["recipe"] / "evaluation.json"
    write_json(path, evaluation)
    print(
        f"{evaluation['clips']} clips, {evaluation['errors']} errors: accuracy {evaluation['accuracy']:.4f} "
        f"({evaluation['accuracy_low']:.4f}..{evaluation['accuracy_high']:.4f}), streamed {evaluation['accuracy_streamed']:.4f}, "
        f"float {evaluation['accuracy_float']:.4f}"
    )
    print("recall: " + ", ".join(f"{label} {share:.3f}" for label, share in evaluation["recall"].items()) + f"\n{path}")


if __name__ == "__main__":
    try:
        main()
    except (BuildError, ValueError, OSError) as error:
        sys.exit(f"evaluate: {error}")
