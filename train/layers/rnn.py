"""The vanilla recurrent network (Elman 1990): a baseline without gates.

h' = tanh(W x + U h + b)
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import tanh
from train.layers.layer import RecurrentLayer, glorot, orthogonal


@dataclass(frozen=True)
class Rnn(RecurrentLayer):
    """bias [1, units]."""

    GATES = ("h",)

    @classmethod
    def initial(cls, inputs, units, random):
        bias = np.zeros((1, units), np.float32)
        return cls(glorot(random, 1, units, inputs), bias, orthogonal(random, 1, units))

    def step(self, ops, x, states):
        (h,) = states
        h = ops.tanh("h_out", ops.add("h_in", ops.linear("Wh", x), ops.linear("Uh", h)))
        return h, (h,)

    def sequence(self, torch, weights, x, states):
        bias = weights["bias"][0]
        fused = (weights["input_weights"][0], weights["recurrent_weights"][0], bias, torch.zeros_like(bias))
        h, last = torch.rnn_tanh(x, states[0][None], fused, True, 1, 0.0, False, False, True)
        return h, (last[0],)

    def integer_step(self, codes, sums, states):
        h = tanh(sums[0])
        return h, (h,)
