"""Prints docs/esphome.md's table: python -m tests.measure.esphome

The graph of one keyword of each shipped network, and of random networks of the other cells, in TFLite Micro over 1,000 hops of
synthetic sound: its size, its arena, and the distance of its probability from that of the integers that ship and of the float
model, in units of 2^-8.  The features are those of the C front end; a graph does not depend on them.
"""

import tempfile
from pathlib import Path

import numpy as np

from calibration.models import load_model
from export.artefacts import comparison_features
from export.esphome.graph import streaming_graph
from export.esphome.hearing import MicroGraph
from export.esphome.probability import probabilities_of
from export.tflm import arena_bytes_of
from firmware.command import run_command
from firmware.markdown import table
from tests.conftest import random_model, ranges_of
from train.integer_model import LOGIT_UNIT

SHIPPED = ("commands-6k", "commands-20k", "commands-80k")
OTHERS = {
    "gru, 40 units": dict(cell="gru", units=40, labels=3),
    "lstm, 40 units": dict(cell="lstm", units=40, labels=3),
    "rnn, 40 units": dict(cell="rnn", units=40, labels=3),
}
HEADER = ("network", "file", "arena", "variables", "to the integers: mean", "largest", "to float: mean", "largest")


def busiest(logits):
    """The keyword whose probability changes most in logits [hops, labels] in Q5.10."""
    return int(np.argmax([probabilities_of(logits, keyword).std() for keyword in range(logits.shape[1] - 2)]))


def row(name, model):
    """The row of a Model under HEADER."""
    integers, stream = model.quantize(), comparison_features(model)[1]
    by_integers, by_float = integers.run(stream[None])[0][0], model.run(stream[None])[0][0] / LOGIT_UNIT
    keyword = busiest(by_integers)
    content = streaming_graph(model, integers, ranges_of(model), keyword, 1)
    found = MicroGraph(content).hear(stream).astype(int)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.tflite"
        path.write_bytes(content)
        arena = arena_bytes_of(path)
    errors = [np.abs(found - probabilities_of(logits, keyword)) for logits in (by_integers, by_float)]
    distances = [figure for error in errors for figure in (f"{error.mean():.2f}", f"{error.max()}")]
    return name, len(content), arena, len(model.states()), *distances


def main():
    models = {name: load_model(name)[0] for name in SHIPPED} | {
        name: random_model(**sizes) for name, sizes in OTHERS.items()
    }
    print(table(HEADER, [row(name, model) for name, model in models.items()]))


if __name__ == "__main__":
    run_command("esphome", main)
