"""Compares the four cells, and a transformer: python -m tests.measure.cells [--seeds N] [--size KB ...] [CELL ...]

Each cell at each size in the same network, three layers with a short convolution before each, on the data of recipe
commands-80k, with equally many updates and the same seeds; the transformer has three blocks and no convolution.  Trains the
models that are missing in BUILD (hours), continues after a stop, and prints the table of docs/cells.md, then the time constants
of the units of state-space cells, and what attention computes.  Accuracy is that of the C library on validation speakers, or of
the transformer's int8 graph in ONNX Runtime; drift is the mean |logit error| of the integers against float in the thousand steps
before the given one.
"""

import argparse

import numpy as np

from calibration.ranges import joined_streams
from calibration.time_constants import time_constant_lines, time_constants
from export.c_model import CModel
from firmware.command import run_command
from firmware.files import read_json
from firmware.markdown import table
from firmware.paths import build_folder
from tests.measure.transformer.network import HEADS
from tests.measure.transformer.trial import CELL as TRANSFORMER
from tests.measure.transformer.trial import TransformerRecipe, TransformerTrainer
from tests.measure.transformer.trial import measure as measure_transformer
from tests.measure.transformer.trial import sizes as transformer_sizes
from tests.measure.trials import any_detector, changed, figures_of, hear
from train.integer_model import LOGIT_UNIT
from train.layers import CELLS
from train.network import model_of, network_of
from train.recipe import Recipe, load_recipe
from train.train_json import TrainJson

BASE = "commands-80k"
SIZES_KB, EPOCHS = (6, 20, 80), 8
LAYERS, DEPTHWISE_FRAMES = 3, 3
LEARNING_RATE = {"rnn": 1e-3, "gru": 8e-3, "lstm": 8e-3, "ssm": 16e-3, "transformer": 16e-3}
"""{cell: learning rate}: the best of several at 20 KB after four epochs, on validation clips."""

PLAINLY = {"muon_learning_rate": 0.0, "normalise": False, "averaging": 0.998}
"""AdamW and no normalisation for all cells, so that no cell is favoured."""

DRIFT_STEPS = (1000, 100_000)
HEADER = (
    *("cell", "size", "layers x units", "accuracy, reset", "streamed", "lost to integers", "flash", "RAM"),
    *("multiplications a hop", "s an epoch", "drift at 1,000", "at 100,000"),
)


def recipe_of(cell, size_kb, seed, units=4):
    return changed(
        load_recipe(BASE),
        f"commands-{cell}-{size_kb}k-{seed}",
        kind=TransformerRecipe if cell == TRANSFORMER else Recipe,
        cell=cell,
        units=units,
        layers=LAYERS,
        depthwise_frames=1 if cell == TRANSFORMER else DEPTHWISE_FRAMES,
        seed=seed,
        training={"epochs": EPOCHS, "learning_rate": LEARNING_RATE.get(cell, 4e-3), **PLAINLY},
        augmentation={"speed_probability": 0.0, "tract_probability": 0.0},
    )


def flash_bytes(recipe):
    """Of a recipe's network with random weights."""
    if recipe.cell == TRANSFORMER:
        return transformer_sizes(recipe)["flash_bytes"]
    model = model_of(recipe, network_of(recipe).state_dict())
    return CModel(model.quantize(), any_detector(model)).flash_bytes()


def largest(cell, size_kb):
    """The largest number of units whose flash_bytes fit a size."""
    step = HEADS if cell == TRANSFORMER else 1
    low, high = 4 // step, 256 // step
    while low < high:
        middle = (low + high + 1) // 2
        fits = flash_bytes(recipe_of(cell, size_kb, 1, middle * step)) <= size_kb * 1024
        low, high = (middle, high) if fits else (low, middle - 1)
    return low * step


def drift(model, spotter, codes):
    """{step: mean |logit error| in the thousand steps before it} over a stream, codes int8 [steps, bands]."""
    spotter.reset()
    found = spotter.stream(codes) * LOGIT_UNIT
    wanted = model.run(codes[None])[0][0]
    error = np.abs(found - wanted).mean(axis=1)
    return {str(steps): float(error[steps - 1000 : steps].mean()) for steps in DRIFT_STEPS}


def measure_cell(recipe):
    """The figures of a network of cells."""
    heard = hear(recipe)
    stream = heard.tests.codes.reshape(-1, heard.tests.codes.shape[2])[: DRIFT_STEPS[-1]]
    return {
        **{key: getattr(heard.about, key) for key in ("flash_bytes", "ram_bytes", "multiplications")},
        "accuracy": heard.accuracy(),
        "drift": drift(heard.model, heard.spotter, stream),
        "notes": list(time_constant_lines(time_constants(heard.model, joined_streams(heard.tests.codes)))),
    }


def measure(recipe):
    """The figures of a run."""
    figures = measure_transformer(recipe, DRIFT_STEPS) if recipe.cell == TRANSFORMER else measure_cell(recipe)
    history = read_json(build_folder() / recipe.name / "train.json", TrainJson).history
    seconds = float(np.median([epoch.seconds for epoch in history]))
    return {"units": recipe.units, "seconds_an_epoch": seconds, **figures}


def row(cell, size_kb, runs):
    """A row of the table: means over the seeds, and the range of accuracies."""
    accuracies = []
    for mode in ("reset", "streamed"):
        values = [run["accuracy"][mode] for run in runs]
        between = f" ({min(values):.3f}..{max(values):.3f})" if len(runs) > 1 else ""
        accuracies.append(f"{np.mean(values):.3f}{between}")
    loss = np.mean([run["accuracy"]["float"] - run["accuracy"]["reset"] for run in runs])
    drifts = [f"{np.mean([run['drift'][str(steps)] for run in runs]):.3f}" for steps in DRIFT_STEPS]
    first = runs[0]
    return (
        cell,
        f"{size_kb} KB",
        f"{LAYERS} x {first['units']}",
        *accuracies,
        f"{loss:+.4f}",
        *(first[figure] for figure in ("flash_bytes", "ram_bytes", "multiplications")),
        f"{np.mean([run['seconds_an_epoch'] for run in runs]):.0f}",
        *drifts,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", help="default: every cell, and the transformer")
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, 11), metavar="N", help="1 to 10; default: 3")
    parser.add_argument(
        "--size", type=int, action="append", choices=SIZES_KB, metavar="KB", help="default: 6, 20 and 80"
    )
    given = parser.parse_args()
    known = *CELLS, TRANSFORMER
    cells, seeds = given.cells or known, range(1, given.seeds + 1)
    if unknown := set(cells) - set(known):
        raise ValueError(f"{unknown.pop()}: no such cell; there are {', '.join(known)}")
    rows, remembered = [], []
    for size_kb in given.size or SIZES_KB:
        for cell in cells:
            units = largest(cell, size_kb)
            runs = []
            for seed in seeds:
                recipe = recipe_of(cell, size_kb, seed, units)
                runs.append(figures_of(recipe, "cells", measure, TransformerTrainer if cell == TRANSFORMER else None))
            rows.append(row(cell, size_kb, runs))
            name = recipe_of(cell, size_kb, seeds[0]).name
            remembered += [f"{name}: {line}" for line in runs[0]["notes"]]
    print("\n".join([table(HEADER, rows), "", *remembered]))


if __name__ == "__main__":
    run_command("cells", main, stopped="stopped; the same command goes on")
