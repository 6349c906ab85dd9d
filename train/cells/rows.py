"""Weights by row -> integers.  One scale a row; int32 biases; a multiplier a row and two shifts a matrix.

An accumulator's unit is scale * 2^-15, the state's last place times the row's; see docs/number-format.md.
"""

import numpy as np

from firmware.integers import Scaling

LARGEST_SUM = 2**31 - 2**20
"""An accumulator's bound stays this far below overflow, so that rounding halves fit too."""


def row_scales(bias, *weights):
    """One scale a row, so that the largest weight of the row, in any of the matrices [..., columns], is 127.

    A row of next to no weights gets a scale in which its bias [...] still fits its 32 bits.
    """
    largest = np.max([np.abs(matrix).max(axis=-1) for matrix in weights], axis=0)
    return np.maximum(np.maximum(largest, 1e-6) / 127, np.abs(bias) * 2.0**-14)


def weight_codes(weights, scale):
    """Codes int [..., rows, columns] of weights, in -127..127."""
    return np.clip(np.rint(weights / scale[..., None]), -127, 127).astype(np.int64)


def exact_product(vectors, weights):
    """Integer vectors [clips, columns] times weights [rows, columns] -> int64 [clips, rows].

    Through float64 and so through BLAS: every sum stays below 2^53, hence exact.
    """
    return np.rint(vectors.astype(np.float64) @ weights.astype(np.float64).T).astype(np.int64)


def bias_codes(bias, scale):
    """Biases in accumulator units, int64."""
    return np.rint(bias / (scale * 2.0**-15)).astype(np.int64)


def accumulator_bound(bias, from_inputs):
    """The largest magnitude an accumulator of each row can reach; ValueError where it could overflow."""
    bound = np.abs(bias) + from_inputs
    if bound.max() >= LARGEST_SUM:
        raise ValueError(f"an accumulator could reach {bound.max():.3g}, over 2^31: use fewer units or weight decay")
    return bound


def choose_scaling(bound, real_multiplier):
    """Multipliers int [rows] and the two shifts that requantise accumulators of magnitude <= bound [rows].

    real_multiplier [rows] is code units per accumulator unit.  The product of 32 bits is shared between
    what is kept of the accumulator and of the multiplier: the accumulator_shift chosen is the one with the
    least worst error, half a unit lost before the product plus the multiplier's rounding at a code of 8192.
    """
    candidates = []
    for accumulator_shift in range(1, 17):
        kept = (bound >> accumulator_shift) + 1
        room = np.min((2**31 - 2**29) / (kept * real_multiplier))
        total_shift = int(np.floor(np.log2(min(room, 32767 / real_multiplier.max()))))
        right_shift = total_shift - accumulator_shift
        if not 1 <= right_shift <= 30:
            continue
        error = 2.0 ** (accumulator_shift - 1) * real_multiplier + 8192 * 2.0 ** (-total_shift - 1) / real_multiplier
        candidates.append((error.max(), accumulator_shift, right_shift))
    if not candidates:
        raise ValueError("no shifts requantise these weights in 32 bits: use weight decay")
    _, accumulator_shift, right_shift = min(candidates)
    multiplier = np.rint(real_multiplier * 2.0 ** (accumulator_shift + right_shift)).astype(np.int64)
    return multiplier, Scaling(accumulator_shift, right_shift)
