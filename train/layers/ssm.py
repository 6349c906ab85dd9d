"""A diagonal selective state-space cell, related to S4 (arXiv:2111.00396), S6 (Mamba, arXiv:2312.00752, whose theorem 1
is this recurrence) and minGRU (arXiv:2410.01201).

    v = tanh(Wv x + bv)      z = sigmoid(Wz x + bz)      s' = s + z (v - s)

The units do not depend on each other's state, so s is linear in the past and a scan trains a whole clip at once.  A unit
forgets with a time constant of 1 / z hops, which the input selects.
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import sigmoid, tanh
from train.layers.layer import LinearLayer, State, glorot

SHORTEST_HOPS, LONGEST_HOPS = 2, 50
"""Range of the initial time constants, evenly spaced in their logarithm."""

FRACTION_BITS = 8
"""Fraction bits of s beyond Q0.15: a slow unit moves by less than 2^-15 per hop."""


@dataclass(frozen=True)
class Ssm(LinearLayer):
    """bias [2, units]."""

    GATES = ("v", "z")

    @classmethod
    def initial(cls, inputs, units, random):
        bias = np.zeros((2, units), np.float32)
        share = 1 / np.geomspace(SHORTEST_HOPS, LONGEST_HOPS, units)
        bias[1] = np.log(share / (1 - share))
        return cls(glorot(random, 2, units, inputs), bias)

    def states(self):
        return (State("s", self.units, guard_bits=FRACTION_BITS),)

    def step(self, ops, x, states):
        (s,) = states
        v, z = ops.tanh("v", ops.linear("Wv", x)), ops.sigmoid("z", ops.linear("Wz", x))
        s = ops.add("s_out", s, ops.multiply("s_step", z, ops.subtract("v_minus_s", v, s)))
        return s, (s,)

    def sequence(self, torch, weights, x, states):
        from train.fused.ssm import selective_scan  # imports torch, which only training needs

        rows, bias = weights["input_weights"].flatten(0, 1), weights["bias"].flatten()
        sums = torch.nn.functional.linear(x.to(rows.dtype), rows, bias.to(rows.dtype))
        s = selective_scan(sums.float(), states[0])
        return s, (s[:, -1],)

    def integer_step(self, codes, sums, states):
        v, z = tanh(sums[0]), sigmoid(sums[1])
        difference = (v << FRACTION_BITS) - states[0]
        s = states[0] + ((z * difference >> FRACTION_BITS) + 64 >> 7)
        return s >> FRACTION_BITS, (s,)

    def memory_codes(self):
        """The upper 16 bits of s, which are the output, then the lower 8 bits."""
        return self.units + (self.units + 1) // 2

    def pack(self, output, states):
        (s,) = states
        low = np.zeros((len(s), 2 * ((self.units + 1) // 2)), np.uint8)
        low[:, : self.units] = s & 255
        return np.concatenate([output.astype(np.int16), low.view(np.int16)], axis=1)

    def unpack(self, memory):
        low = np.ascontiguousarray(memory[:, self.units :], np.int16).view(np.uint8)[:, : self.units]
        return ((memory[:, : self.units].astype(np.int64) << 8) + low,)
