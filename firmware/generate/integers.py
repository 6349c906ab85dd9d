"""The C library's integer primitives in numpy: the bit-exact reference.

Arrays are int64, so nothing here can overflow.  That 32 bits suffice in C is shown in
library/primitives.h and asserted by the quantisation for every row of a model.
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate import tables

_SIGMOID, _EXP2 = tables.sigmoid_codes(), tables.exp2_codes()


def saturate16(values):
    return np.clip(values, -32768, 32767)


@dataclass(frozen=True)
class Scaling:
    """The two shifts of struct kws_scaling."""

    accumulator_shift: int
    right_shift: int


def requantize(accumulator, multiplier, scaling):
    """Accumulators -> saturated int16 codes, by the rounding rule in docs/number-format.md."""
    product = (accumulator >> scaling.accumulator_shift) * multiplier
    return saturate16((product + (1 << scaling.right_shift - 1)) >> scaling.right_shift)


def sigmoid(values):
    """Q3.12 -> Q0.15."""
    index = (values >> 9) + 64
    return _SIGMOID[index] + ((_SIGMOID[index + 1] - _SIGMOID[index]) * (values & 511) >> 9)


def tanh(values):
    """Q3.12 -> Q0.15."""
    return 2 * sigmoid(saturate16(2 * values)) - 32767


def multiply_q15(a, b):
    """round(a * b / 2^15), ties up."""
    return (a * b + (1 << 14)) >> 15


def posteriors(logits):
    """Logits int [..., labels] in Q5.10 -> posteriors UQ1.15."""
    logits = np.asarray(logits, np.int64)
    power = (logits.max(axis=-1, keepdims=True) - logits) * tables.LOG2_E_Q14 >> 14
    index, fraction = power >> 5 & 31, power & 31
    value = _EXP2[index] - ((_EXP2[index] - _EXP2[index + 1]) * fraction >> 5)
    value = np.where(power >> 10 < 16, value >> np.minimum(power >> 10, 15), 0)
    return value * ((1 << 30) // value.sum(axis=-1, keepdims=True)) >> 15
