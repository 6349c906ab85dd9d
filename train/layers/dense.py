"""A linear layer, with or without a tanh: the classifier, and the convolution of stacked frames.

y = W x + b      or      y = tanh(W x + b)
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import tanh
from train.layers.layer import CodeFormat, LinearLayer, glorot

LOGITS = CodeFormat(10)
"""Q5.10: outputs without a tanh."""


@dataclass(frozen=True)
class Dense(LinearLayer):
    """bias [1, units]; bounded: whether a tanh follows."""

    bounded: bool = False

    @classmethod
    def initial(cls, inputs, units, random, bounded):
        return cls(glorot(random, 1, units, inputs), np.zeros((1, units), np.float32), bounded)

    def tables(self):
        return ("sigmoid",) if self.bounded else ()

    def device_format(self, source):
        return 1 if self.bounded else 0  # TANH or NOTHING of dense.c

    def output_format(self, source):
        return super().output_format(source) if self.bounded else LOGITS

    def preactivation_fraction(self):
        return 12 if self.bounded else LOGITS.fraction

    def map_name(self, source, gate):
        """Empty: the full name is the layer's, since the classifier's linear map is its output."""
        return ""

    def step(self, ops, x, states):
        y = ops.linear("", x)
        return ops.tanh("y", y) if self.bounded else y, ()

    def sequence(self, torch, weights, x, states):
        y = torch.nn.functional.linear(x, weights["input_weights"][0], weights["bias"][0])
        return y.tanh() if self.bounded else y, ()

    def integer_step(self, codes, sums, states):
        return tanh(sums[0]) if self.bounded else sums[0], ()
