"""The gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), with the reset gate after the recurrent product.

    r = sigmoid(Wr x + Ur h + br)      z = sigmoid(Wz x + Uz h + bz)
    n = tanh(Wn x + bn + r (Un h + cn))      h' = n + z (h - n)

Gates are in torch's order r, z, n.
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import multiply_q15, saturate16, sigmoid, tanh
from train.layers.layer import RecurrentLayer, glorot, orthogonal


@dataclass(frozen=True)
class Gru(RecurrentLayer):
    """bias [4, units]: br, bz, bn, cn."""

    GATES = ("r", "z", "n")
    SPLIT = True

    @classmethod
    def initial(cls, inputs, units, random):
        """Biases are zero, but 1 for the update gate, so that a new unit remembers (Jozefowicz et al. 2015)."""
        bias = np.zeros((4, units), np.float32)
        bias[1] = 1
        return cls(glorot(random, 3, units, inputs), bias, orthogonal(random, 3, units))

    def step(self, ops, x, states):
        (h,) = states
        r = ops.sigmoid("r", ops.add("r_in", ops.linear("Wr", x), ops.linear("Ur", h)))
        z = ops.sigmoid("z", ops.add("z_in", ops.linear("Wz", x), ops.linear("Uz", h)))
        gated = ops.multiply("n_gated", r, ops.linear("Un", h))
        n = ops.tanh("n", ops.add("n_in", ops.linear("Wn", x), gated))
        h = ops.add("h_out", n, ops.multiply("z_kept", z, ops.subtract("h_minus_n", h, n)))
        return h, (h,)

    def sequence(self, torch, weights, x, states):
        from train.fused.gru import gated_recurrence  # imports torch, which only training needs

        rows, bias = weights["input_weights"].flatten(0, 1), weights["bias"]
        sums = torch.nn.functional.linear(x, rows, bias[:3].flatten())
        h = gated_recurrence(sums, weights["recurrent_weights"].flatten(0, 1), bias[3], states[0])
        return h, (h[:, -1],)

    def integer_step(self, codes, sums, states):
        (h,) = states
        r, z = sigmoid(sums[0]), sigmoid(sums[1])
        n = tanh(saturate16(sums[2] + multiply_q15(r, sums[3])))
        h = n + multiply_q15(z, h - n)
        return h, (h,)
