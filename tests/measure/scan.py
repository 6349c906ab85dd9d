"""Measures the scan of a state-space cell in training: python -m tests.measure.scan

Forward and backward pass of a cell over a batch of clips: the scan against the loop over hops and against a GRU of the same
width, as ratios of the shortest of several times.  Prints the table of docs/cells.md.
"""

import time

import numpy as np
import torch

from firmware.command import run_command
from firmware.markdown import table
from train.layers import Gru, Ssm
from train.layers.layer import Layer
from train.network import Network

CLIPS_AND_HOPS = ((64, 50), (40, 250), (8, 1000))
UNITS = (54, 128)
TIMES = 7


def seconds(layer, form, x):
    """The shortest time of TIMES forward and backward passes, s."""
    network = Network({"cell": layer})
    layer_form = type(layer).sequence if form == "sequence" else Layer.sequence
    tensors = dict(network.weights["cell"].named_parameters())
    states = tuple(torch.zeros(len(x), state.size) for state in layer.states())
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        layer_form(layer, torch, tensors, x, states)[0].square().sum().backward()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main():
    torch.set_num_threads(1)
    rows = []
    for clips, hops in CLIPS_AND_HOPS:
        for units in UNITS:
            random, x = np.random.default_rng(0), torch.randn(clips, hops, units)
            ssm, gru = Ssm.initial(units, units, random), Gru.initial(units, units, random)
            scan = seconds(ssm, "sequence", x)
            ratios = (seconds(ssm, "steps", x) / scan, seconds(gru, "sequence", x) / scan)
            rows.append((f"{clips} x {hops}", units, *(f"{ratio:.1f}" for ratio in ratios)))
    print(table(["clips x hops", "units", "step loop / scan", "GRU / scan"], rows))


if __name__ == "__main__":
    run_command("scan", main)
