"""Quantisation of rows of weights: a scale and a multiplier per row, int32 biases, two shifts per gate.

The unit of an accumulator is scale * 2^-15 if the row multiplies the state, which is Q0.15; see docs/number-format.md.
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import Scaling, requantize

MATRICES = ("input_weights", "recurrent_weights")
"""The fields of a layer that become int8 codes by row."""

LARGEST_CODE = 127

LARGEST_SUM = 2**31 - 2**20
"""Limit of an accumulator's bound, below 2^31 so that the rounding half fits too."""


@dataclass(frozen=True)
class IntegerRows:
    """The integers of a layer and their scales.

    input_weights int8 [gates, units, inputs], recurrent_weights int8 [gates, units, units or 0], bias [sums, units],
    multiplier [gates, units], scaling by gate; input_scale and recurrent_scale float [gates, units]:
    weight = scale * code.
    """

    input_weights: np.ndarray
    recurrent_weights: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    scaling: tuple[Scaling, ...]
    input_shift: int
    input_scale: np.ndarray
    recurrent_scale: np.ndarray

    @property
    def split(self):
        """Whether the last gate has separate sums over the input and over the state."""
        return len(self.bias) > len(self.scaling)

    def preactivations(self, codes, state, requantize=requantize):
        """Input codes int [clips, inputs] and state int [clips, units] -> a list of int [clips, units], one for each sum.

        requantize: the library's rule; `make rounding` compares others with it.
        """
        sums, last = [], len(self.scaling) - 1
        for gate, scaling in enumerate(self.scaling):
            accumulator = exact_product(codes, self.input_weights[gate]) << self.input_shift
            parts = [accumulator]
            if self.recurrent_weights.size:
                from_state = exact_product(state, self.recurrent_weights[gate])
                parts = [accumulator, from_state] if self.split and gate == last else [accumulator + from_state]
            for part in parts:
                sums.append(requantize(part + self.bias[len(sums)], self.multiplier[gate], scaling))
        return sums


def quantize_rows(layer, source):
    """The IntegerRows of a LinearLayer; source: CodeFormat of its input.

    The input and recurrent weights of a row share one scale.  input_shift, the power of two between the units of an input code
    and of the accumulator, is free: it makes the largest codes of both matrices about equal, or is the largest that fits.
    Raises ValueError if an accumulator could overflow 32 bits.
    """
    fraction, shift = _accumulator_unit(layer.input_weights, layer.state_weights, source.fraction)
    while True:
        try:
            return _rows_in_unit(layer, source, fraction, shift)
        except OverflowError as error:
            if not shift:
                raise ValueError(f"{error}: use fewer units or inputs, or weight decay") from None
        shift -= 1  # coarser, but it fits
        if not layer.state_weights.size:
            fraction -= 1


def _rows_in_unit(layer, source, fraction, shift):
    """The IntegerRows with accumulators in units of scale * 2^-fraction; OverflowError if one does not fit."""
    gates, recurrent = len(layer.GATES), layer.state_weights
    input_weights = layer.input_weights * 2.0 ** (fraction - source.fraction - shift)
    largest_bias = np.abs(layer.bias[:gates])
    if layer.SPLIT:
        largest_bias[-1] = np.maximum(largest_bias[-1], np.abs(layer.bias[-1]))
    scale = row_scales(largest_bias, fraction, input_weights, recurrent)
    input_codes, recurrent_codes = weight_codes(input_weights, scale), weight_codes(recurrent, scale)

    gate_of_sum = np.minimum(np.arange(len(layer.bias)), gates - 1)
    bias = bias_codes(layer.bias, scale[gate_of_sum], fraction)
    bias[:gates] += input_codes.sum(axis=2) * source.constant << shift
    from_input = (np.abs(input_codes) * np.array(source.bounds or source.largest)).sum(axis=2) << shift
    from_state = np.abs(recurrent_codes).sum(axis=2) * 32768
    together = from_state.copy()
    if layer.SPLIT:
        together[-1] = 0
    bound = accumulator_bound(bias[:gates], from_input + together)
    if layer.SPLIT:
        bound[-1] = np.maximum(bound[-1], accumulator_bound(bias[-1], from_state[-1]))
    unit = 2.0 ** (layer.preactivation_fraction() - fraction)
    chosen = [choose_scaling(bound[gate], scale[gate] * unit) for gate in range(gates)]
    for place, gate in enumerate(gate_of_sum):
        bias[place] += 1 << chosen[gate][1].accumulator_shift - 1
    return IntegerRows(
        input_weights=input_codes.astype(np.int8),
        recurrent_weights=recurrent_codes.astype(np.int8),
        bias=bias,
        multiplier=np.stack([multiplier for multiplier, _ in chosen]),
        scaling=tuple(scaling for _, scaling in chosen),
        input_shift=shift,
        input_scale=scale * 2.0 ** (shift + source.fraction - fraction),
        recurrent_scale=scale,
    )


def _accumulator_unit(input_weights, recurrent_weights, source_fraction):
    """(fraction, input_shift): the accumulator's unit is scale * 2^-fraction.

    With recurrent weights fraction is the state's, 15; without, inputs of fewer than 12 fraction bits are shifted to 12.
    """
    if not recurrent_weights.size:
        shift = max(0, 12 - source_fraction)
        return source_fraction + shift, shift
    largest = [max(np.median(np.abs(weights).max(axis=2)), 1e-6) for weights in (input_weights, recurrent_weights)]
    balance = round(float(np.log2(largest[0] / largest[1])))
    return 15, int(np.clip(15 - source_fraction + balance, 0, 12))


def row_scales(bias, fraction, *weights):
    """The scale of each row, with which its largest weight in any of the matrices [..., columns] is 127.

    A row of tiny weights has a scale with which its bias [...] fits in 32 bits.
    """
    largest = np.max([np.abs(matrix).max(axis=-1, initial=0) for matrix in weights], axis=0)
    return np.maximum(np.maximum(largest, 1e-6) / LARGEST_CODE, np.abs(bias) * 2.0 ** (fraction - 29))


def weight_codes(weights, scale):
    """Codes int [..., rows, columns] of weights, in -127..127."""
    return np.clip(np.rint(weights / scale[..., None]), -LARGEST_CODE, LARGEST_CODE).astype(np.int64)


def exact_product(vectors, weights):
    """Integer vectors [clips, columns] times weights [rows, columns] -> int64 [clips, rows].

    Computed in float64 by BLAS: every sum stays below 2^53, so it is exact.
    """
    return np.rint(vectors.astype(np.float64) @ weights.astype(np.float64).T).astype(np.int64)


def bias_codes(bias, scale, fraction):
    """Biases in accumulator units, int64."""
    return np.rint(bias / (scale * 2.0**-fraction)).astype(np.int64)


def accumulator_bound(bias, from_inputs):
    """The largest magnitude that the accumulator of each row can reach; OverflowError if one could exceed 32 bits."""
    bound = np.abs(bias) + from_inputs
    if bound.max() >= LARGEST_SUM:
        raise OverflowError(f"an accumulator could reach {bound.max():.3g}, over 2^31")
    return bound


def choose_scaling(bound, real_multiplier):
    """Multipliers int [rows] and the two shifts (Scaling) that requantise accumulators of magnitude <= bound [rows].

    real_multiplier [rows]: code units per accumulator unit.  Accumulator and multiplier share the 32 bits of their product.
    The accumulator_shift with the smallest largest error is chosen; the error is half a unit lost before the product plus the
    rounding of the multiplier at a code of 8192.
    """
    candidates = []
    for accumulator_shift in range(1, 17):
        kept = (bound >> accumulator_shift) + 1
        room = np.min((2**31 - 2**29) / (kept * real_multiplier))
        total_shift = int(np.floor(np.log2(min(room, 32767 / real_multiplier.max()))))
        right_shift = total_shift - accumulator_shift
        multiplier = np.rint(real_multiplier * 2.0**total_shift).astype(np.int64)
        if not 1 <= right_shift <= 30 or (kept * multiplier).max() + (1 << right_shift - 1) >= 2**31:
            continue
        error = 2.0 ** (accumulator_shift - 1) * real_multiplier + 8192 * 2.0 ** (-total_shift - 1) / real_multiplier
        candidates.append((error.max(), accumulator_shift, right_shift))
    if not candidates:
        raise ValueError("these weights cannot be requantised in 32 bits: use weight decay")
    _, accumulator_shift, right_shift = min(candidates)
    multiplier = np.rint(real_multiplier * 2.0 ** (accumulator_shift + right_shift)).astype(np.int64)
    return multiplier, Scaling(accumulator_shift, right_shift)
