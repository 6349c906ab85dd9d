"""A transformer's recipe, its training by the ordinary loop, its sizes as a device would have them, and its figures."""

from typing import Literal

import numpy as np
import torch

from calibration.ranges import joined_streams
from export.c_model import CModel
from firmware.paths import build_folder
from firmware.recipes import checkpoint
from tests.measure.transformer.graph import Runner, write_float_graph, write_int8_graph
from tests.measure.transformer.network import HEADS, WINDOW, Rows, Transformer
from tests.measure.trials import accuracies, any_detector
from train.checkpoint import read_checkpoint
from train.corpora import load_corpora
from train.decision import followed_by_silence, of_clips_alone, of_clips_in_a_stream, silence_after
from train.layers import Dense
from train.loop import Trainer
from train.model import Model
from train.network import rounded
from train.recipe import Recipe
from train.validation_clips import ValidationClips

CELL = "transformer"
CALIBRATION_HOPS = 300
"""Of each of the streams that activations are calibrated on."""

EXPONENTIAL_BYTES = 512
"""A table of 2^-x, 256 codes of 16 bits, as the gates have theirs."""


class TransformerRecipe(Recipe):
    """units: the width of a token, a multiple of HEADS; layers: blocks."""

    cell: Literal[CELL] = CELL


def network_of(recipe):
    """The Transformer of a recipe, with initial weights drawn from its seed."""
    torch.manual_seed(recipe.seed)
    return Transformer(recipe.front.bands, recipe.units, recipe.layers, recipe.outputs)


class TransformerTrainer(Trainer):
    def _network(self):
        return network_of(self.recipe)


def sizes(recipe):
    """{figure: value} of a device: dense layers in our own format, keys and values as bytes; what attention adds is computed."""
    layers = {}
    for name, rows in network_of(recipe).named_modules():
        if isinstance(rows, Rows):
            weights, bias = (value.detach().numpy()[None] for value in (rows.weight, rows.bias))
            layers[name.replace(".", "_")] = Dense(weights, bias)
    model = Model(recipe.name, recipe.labels, len(recipe.keywords), recipe.front, recipe.feature_map, layers)
    dense = CModel(model.quantize(), any_detector(model))
    seen = recipe.layers * WINDOW
    return {
        "flash_bytes": dense.flash_bytes() + seen * HEADS + EXPONENTIAL_BYTES,
        "ram_bytes": dense.ram_bytes() + seen * 2 * recipe.units + 4 * HEADS * WINDOW,
        "multiplications": int(dense.multiplications()) + seen * 2 * recipe.units,
        "exponentials": seen * HEADS,
    }


def trained(recipe):
    """The trained Transformer in BUILD, its weights rounded."""
    network = rounded(network_of(recipe), recipe).eval()
    network.load_state_dict(read_checkpoint(checkpoint(recipe.name)).averaged)
    return network


def graphs(recipe, streams):
    """The Runners of the hop in float and in int8; streams float32 [streams, hops, bands]: to calibrate on."""
    folder = build_folder() / recipe.name
    paths = folder / "hop.onnx", folder / "hop.int8.onnx"
    write_float_graph(trained(recipe), recipe.front.bands, paths[0])
    write_int8_graph(paths[0], streams, paths[1])
    return [Runner(path) for path in paths]


def measure(recipe, drift_steps):
    """The figures of a trained recipe, as those of a cell (tests/measure/cells.py)."""
    clips = ValidationClips.of(recipe, load_corpora(recipe))
    front, real = recipe.front, recipe.feature_map.real
    alone = real(followed_by_silence(front, clips.codes))
    stream = np.concatenate([clips.codes.reshape(-1, front.bands), silence_after(front, front.bands)])
    exact, int8 = graphs(recipe, real(joined_streams(clips.codes)[:, :CALIBRATION_HOPS]))
    streamed = int8.logits(real(stream)[None])[0]
    logits = {
        "reset": of_clips_alone(front, int8.logits(alone)),
        "streamed": of_clips_in_a_stream(front, streamed, len(clips.codes)),
        "float": of_clips_alone(front, exact.logits(alone)),
    }
    error = np.abs(streamed[: drift_steps[-1]] - exact.logits(real(stream[None, : drift_steps[-1]]))[0]).mean(axis=1)
    on_device = sizes(recipe)
    return {
        **on_device,
        "accuracy": accuracies(front, logits, clips.labels, len(recipe.keywords)),
        "drift": {str(steps): float(error[steps - 1000 : steps].mean()) for steps in drift_steps},
        "notes": [f"{on_device['exponentials']} exponentials a hop"],
    }
