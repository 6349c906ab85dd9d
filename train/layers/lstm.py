"""The long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    i = sigmoid(Wi x + Ui h + bi)      f = sigmoid(Wf x + Uf h + bf)
    g = tanh(Wg x + Ug h + bg)         o = sigmoid(Wo x + Uo h + bo)
    c' = f c + i g, saturated          h' = o tanh(c')

Nothing bounds c: an LSTM that never resets its state counts seconds in it.  Training therefore saturates c at LIMIT, as an
int16 does, and stores the largest |c| with the weights; the device's format of c is the finest with that range.  Gates are in
torch's order i, f, g, o.
"""

import math
from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import multiply_q15, saturate16, sigmoid, tanh
from train.layers.layer import CodeFormat, RecurrentLayer, State, glorot, orthogonal
from train.layers.ops import int16_ends

LIMIT = 16.0
"""Saturation of c in training; the tanh of c is constant beyond 8."""


@dataclass(frozen=True)
class Lstm(RecurrentLayer):
    """bias [4, units]; reach [1]: the largest |c| that training saw."""

    GATES = ("i", "f", "g", "o")

    reach: np.ndarray

    @classmethod
    def initial(cls, inputs, units, random):
        """Biases are zero, but 1 for the forget gate (Jozefowicz et al. 2015)."""
        bias = np.zeros((4, units), np.float32)
        bias[1] = 1
        return cls(glorot(random, 4, units, inputs), bias, orthogonal(random, 4, units), np.zeros(1, np.float32))

    @property
    def fraction(self):
        """Fraction bits of the int16 code of c, at most 12: the table of tanh ends at 8."""
        reach = min(max(float(self.reach[0]), 8.0), LIMIT)
        return 15 - math.ceil(math.log2(reach))

    def device_format(self, source):
        return self.fraction

    def states(self):
        return State("h", self.units), State("c", self.units, CodeFormat(self.fraction))

    def step(self, ops, x, states):
        h, c = states
        i, f, o = (
            ops.sigmoid(gate, ops.add(f"{gate}_in", ops.linear(f"W{gate}", x), ops.linear(f"U{gate}", h)))
            for gate in "ifo"
        )
        g = ops.tanh("g", ops.add("g_in", ops.linear("Wg", x), ops.linear("Ug", h)))
        limit = 2.0 ** (15 - self.fraction)
        c = ops.add_saturated("c_out", ops.multiply("c_kept", f, c), ops.multiply("c_new", i, g), limit)
        h = ops.multiply("h_out", o, ops.tanh("c_tanh", c))
        return h, (h, c)

    def sequence(self, torch, weights, x, states):
        h, c = states
        from_input = torch.nn.functional.linear(x, weights["input_weights"].flatten(0, 1), weights["bias"].flatten())
        recurrent = weights["recurrent_weights"].flatten(0, 1).t()
        outputs, reach = [], weights["reach"]
        for hop in from_input.unbind(1):
            i, f, g, o = torch.addmm(hop, h, recurrent).chunk(4, 1)
            c = (f.sigmoid() * c + i.sigmoid() * g.tanh()).clamp(*int16_ends(LIMIT).values())
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
            if torch.is_grad_enabled():
                reach.copy_(torch.maximum(reach, c.detach().abs().max()))
        return torch.stack(outputs, 1), (h, c)

    def integer_step(self, codes, sums, states):
        i, f, g, o = sigmoid(sums[0]), sigmoid(sums[1]), tanh(sums[2]), sigmoid(sums[3])
        c = saturate16((f * states[1] + (i * g >> 15 - self.fraction) + (1 << 14)) >> 15)
        h = multiply_q15(o, tanh(saturate16(c << 12 - self.fraction)))
        return h, (h, c)
