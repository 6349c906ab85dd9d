"""Plots of a trained model: python -m calibration.plots RECIPE

Writes BUILD/RECIPE/learning.png (loss and accuracy by epoch for each trained seed, from train.json),
BUILD/RECIPE/confusion.png (from evaluation.json) and docs/accuracy-size.png (accuracy of each shipped model's first look
at test recordings against its flash, with published models).
"""

import argparse
import glob
import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402, the backend without a screen comes first
import numpy as np

from calibration.published import PUBLISHED
from calibration.records import Evaluation, Look
from firmware.command import run_command
from firmware.files import read_json, write_whole
from firmware.model_json import read_model_json
from firmware.paths import MODELS, ROOT, build_folder
from firmware.recipes import make_command, model_folder, of_keywords, recipe_name
from train.train_json import TrainJson

OURS, RECURRENT, OTHER = "#b5460f", "#2a5d84", "#777777"


def png_of(figure):
    """A figure as bytes of PNG, without the software's version in it; closes the figure."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return content.getvalue()


def save(figure, path):
    """Write a figure as PNG and close it."""
    write_whole(path, png_of(figure))
    print(path)


def learning_curves(recipe, folder):
    """A figure of the train.json in folder and of those of the recipe's other seeds in BUILD."""
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(11, 4))
    for path in (folder / "train.json", *sorted(folder.parent.glob(f"{glob.escape(recipe)}-seed*/train.json"))):
        if not path.exists():
            continue
        trained = read_json(path, TrainJson)
        history, seed = trained.history, trained.settings.get("seed")
        epochs = [epoch.epoch for epoch in history]
        style = "-" if path.parent == folder else ":"
        losses.plot(epochs, [epoch.loss for epoch in history], style, label=f"seed {seed}")
        for mode, colour in (("reset", OURS), ("streamed", RECURRENT)):
            errors = [100 * (1 - getattr(epoch, f"accuracy_{mode}")) for epoch in history]
            accuracies.plot(epochs, errors, style, color=colour, label=f"{mode}, seed {seed}")
    losses.set(xlabel="epoch", ylabel="training loss", title=f"{recipe}: loss on augmented clips")
    accuracies.set(
        xlabel="epoch", ylabel="errors, %", title="validation errors, averaged and rounded weights", yscale="log"
    )
    accuracies.yaxis.set_major_formatter("{x:.0f}")
    accuracies.yaxis.set_minor_formatter("{x:.0f}")
    for axes in (losses, accuracies):
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
    return figure


def confusion_matrix(recipe, evaluation):
    """A figure of an Evaluation."""
    labels, counts = evaluation.confusion.labels, np.array(evaluation.confusion.counts)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    figure, axes = plt.subplots(figsize=(7, 6.4))
    axes.imshow(np.sqrt(shares), cmap="Oranges", vmin=0, vmax=1)
    for row, column in np.argwhere(counts):
        dark = shares[row, column] > 0.4
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=8, color="w" if dark else "k")
    axes.set_xticks(range(len(labels)), labels, rotation=60)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="decided", ylabel="spoken")
    axes.set_title(f"{recipe}: {evaluation.clips} clips, accuracy {evaluation.accuracy:.4f}, integers")
    return figure


def first_looks():
    """(KB of flash, accuracy in %, text) of each shipped model that was looked at: its first look at test recordings."""
    for path in sorted(MODELS.glob("*/looks.json")):
        about = read_model_json(path.parent)
        looks = [look for look in read_json(path, list[Look]) if look.model_sha256 == about.model_sha256]
        for look in looks[:1]:
            accuracy = 100 * look.accuracy
            yield about.flash_bytes / 1024, accuracy, f"{path.parent.name}, {look.clips} clips: {accuracy:.2f}"


def draw_shipped(axes):
    for size, accuracy, text in first_looks():
        axes.scatter(size, accuracy, s=80, marker="*", color=OURS, zorder=3)
        away, side = (-7, "right") if size > 40 else (7, "left")  # a large model's text would leave the axes
        axes.annotate(text, (size, accuracy), xytext=(away, -13), ha=side, textcoords="offset points", color=OURS)


def draw_published(axes):
    """Draw PUBLISHED; hollow: not verified."""
    for neighbour in PUBLISHED:
        place = neighbour.kilobytes, 100 * neighbour.accuracy
        colour = RECURRENT if neighbour.recurrent else OTHER
        axes.scatter(*place, s=36, edgecolors=colour, facecolors=colour if neighbour.verified else "none")
        text = f"{neighbour.name} ({neighbour.test_set})"
        axes.annotate(text, place, xytext=(5, -10), textcoords="offset points", fontsize=8, color=colour)


def explain_marks(axes):
    """Draw the legend."""
    for colour, face, marker, label in (
        (OURS, OURS, "*", "Jerboa: int8, C library, recordings of V2 test speakers"),
        (RECURRENT, RECURRENT, "o", "recurrent"),
        (OTHER, OTHER, "o", "not recurrent"),
        (OTHER, "none", "o", "hollow: figures not verified in their source"),
    ):
        axes.scatter([], [], edgecolors=colour, facecolors=face, marker=marker, label=label)
    axes.legend(fontsize=8, loc="lower right")


def accuracy_against_size():
    """A figure of shipped and published models: accuracy against flash."""
    figure, axes = plt.subplots(figsize=(9.5, 6))
    draw_published(axes)
    draw_shipped(axes)
    axes.set(
        xscale="log",
        xlim=(4, 300),
        ylim=(91, 98.5),
        xlabel="KB of flash, without code",
        ylabel="accuracy, %, twelve classes",
    )
    axes.set_xticks([5, 10, 20, 40, 80, 160], ["5", "10", "20", "40", "80", "160"])
    axes.set_title("Speech Commands, twelve classes; (V1), (V2): version of the test set, (?) not stated")
    axes.grid(alpha=0.3)
    explain_marks(axes)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = recipe_name(parser.parse_args().recipe)
    folder = build_folder() / recipe
    missing = [name for name in ("train.json", "evaluation.json") if not (folder / name).exists()]
    if missing:
        commands = make_command("train", recipe), make_command("evaluate", recipe, "TEST=...")
        raise ValueError(f"{folder}: lacks {' and '.join(missing)}: run `{'` and `'.join(commands)}`")
    of_keywords([model_folder(recipe)])
    save(learning_curves(recipe, folder), folder / "learning.png")
    save(confusion_matrix(recipe, read_json(folder / "evaluation.json", Evaluation)), folder / "confusion.png")
    save(accuracy_against_size(), ROOT / "docs" / "accuracy-size.png")


if __name__ == "__main__":
    run_command("plots", main)
