"""The gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), reset gate after the recurrent product.

    r = sigmoid(Wr x + Ur h + br)      z = sigmoid(Wz x + Uz h + bz)
    n = tanh(Wn x + bn + r (Un h + cn))      h' = n + z (h - n)

Everything Python knows of the cell is here: its float weights, the step as a graph that numpy,
ONNX and TFLite each build with their own operators, its integers and their step.  Gates are in
torch's order r, z, n.
"""

from dataclasses import dataclass

import numpy as np

from firmware.integers import Scaling, multiply_q15, requantize, saturate16, sigmoid, tanh
from train.cells.rows import accumulator_bound, bias_codes, choose_scaling, exact_product, row_scales, weight_codes

GATES = ("r", "z", "n")


@dataclass(frozen=True)
class Gru:
    """Float weights.

    input_weights [3, units, bands], recurrent_weights [3, units, units], bias [4, units]:
    of r, z, n beside the input, and of n beside the state.
    """

    input_weights: np.ndarray
    recurrent_weights: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        units = self.recurrent_weights.shape[-1]
        wanted = ((3, units, self.input_weights.shape[-1]), (3, units, units), (4, units))
        found = (self.input_weights.shape, self.recurrent_weights.shape, self.bias.shape)
        if wanted != found:
            raise ValueError(f"a GRU's arrays must have the shapes {wanted}, not {found}")

    @classmethod
    def from_torch(cls, weights):
        """From the state dict of a torch.nn.GRU with one layer, as numpy arrays."""
        units = weights["weight_hh_l0"].shape[1]
        bias_input = weights["bias_ih_l0"].reshape(3, units)
        bias_recurrent = weights["bias_hh_l0"].reshape(3, units)
        return cls(
            weights["weight_ih_l0"].reshape(3, units, -1),
            weights["weight_hh_l0"].reshape(3, units, units),
            np.stack([*(bias_input[:2] + bias_recurrent[:2]), bias_input[2], bias_recurrent[2]]),
        )

    @property
    def units(self):
        return self.recurrent_weights.shape[-1]

    @staticmethod
    def step(ops, x, h):
        """The step as a graph: `ops` makes the nodes, and names each linear map and each activation."""
        r = ops.sigmoid("r", ops.add("r_in", ops.linear("Wr", x), ops.linear("Ur", h)))
        z = ops.sigmoid("z", ops.add("z_in", ops.linear("Wz", x), ops.linear("Uz", h)))
        gated = ops.multiply("n_gated", r, ops.linear("Un", h))
        n = ops.tanh("n", ops.add("n_in", ops.linear("Wn", x), gated))
        return ops.add("h_out", n, ops.multiply("z_kept", z, ops.subtract("h_minus_n", h, n)))

    def linear_maps(self):
        """Weights and bias of each linear map of `step`, float; a gate's bias stands beside its input."""
        maps = {}
        for gate, name in enumerate(GATES):
            maps[f"W{name}"] = (self.input_weights[gate], self.bias[gate])
            maps[f"U{name}"] = (self.recurrent_weights[gate], self.bias[3] if name == "n" else np.zeros(self.units))
        return maps

    def quantize(self, feature_shift, mean_level):
        """The integers, for features (code + 128 - mean_level) * 2^-feature_shift.

        A row's input and recurrent weights share one scale.  code_shift, the power of two between a
        feature code's unit and the state's, is free: it is chosen so that neither matrix starves the other.
        Raises ValueError where an accumulator could overflow 32 bits.
        """
        largest = np.abs(self.input_weights).max(axis=2), np.abs(self.recurrent_weights).max(axis=2)
        balance = round(float(np.log2(np.median(largest[0]) / np.median(largest[1]))))
        code_shift = int(np.clip(15 - feature_shift + balance, 0, 12))
        input_weights = self.input_weights * 2.0 ** (15 - feature_shift - code_shift)
        largest_bias = np.maximum(np.abs(self.bias[[0, 1, 2]]), np.abs(self.bias[[0, 1, 3]]))
        scale = row_scales(largest_bias, input_weights, self.recurrent_weights)
        input_codes, recurrent_codes = weight_codes(input_weights, scale), weight_codes(self.recurrent_weights, scale)

        bias = bias_codes(self.bias, scale[[0, 1, 2, 2]])
        bias[:3] += input_codes.sum(axis=2) * (128 - mean_level) << code_shift
        from_input = np.abs(input_codes).sum(axis=2) * 128 << code_shift
        from_state = np.abs(recurrent_codes).sum(axis=2) * 32768
        from_state_beside_input = from_state * np.array([1, 1, 0])[:, None]
        bound = np.maximum(
            accumulator_bound(bias[:3], from_input + from_state_beside_input),
            accumulator_bound(bias[[0, 1, 3]], from_state),
        )
        chosen = [choose_scaling(bound[gate], scale[gate] * 2.0 ** (12 - 15)) for gate in range(3)]
        for row, gate in enumerate((0, 1, 2, 2)):
            bias[row] += 1 << chosen[gate][1].accumulator_shift - 1
        return IntegerGru(
            input_weights=input_codes.transpose(1, 0, 2).astype(np.int8),
            recurrent_weights=recurrent_codes.transpose(1, 0, 2).astype(np.int8),
            bias=bias.T,
            multiplier=np.stack([multiplier for multiplier, _ in chosen], axis=1),
            scaling=tuple(scaling for _, scaling in chosen),
            code_shift=code_shift,
            input_scale=scale * 2.0 ** (code_shift + feature_shift - 15),
            recurrent_scale=scale,
        )


@dataclass(frozen=True)
class IntegerGru:
    """The integers, in the order of struct kws_gru (firmware/library/cell.h), and their scales.

    input_weights int8 [units, 3, bands], recurrent_weights int8 [units, 3, units], bias [units, 4],
    multiplier [units, 3]; input_scale and recurrent_scale float [3, units]: weight = scale * code.
    """

    input_weights: np.ndarray
    recurrent_weights: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    scaling: tuple[Scaling, Scaling, Scaling]
    code_shift: int
    input_scale: np.ndarray
    recurrent_scale: np.ndarray

    @property
    def units(self):
        return self.recurrent_weights.shape[0]

    def step(self, codes, state, requantize=requantize):
        """Features int [clips, bands] and state Q0.15 int [clips, units] -> the next state.

        requantize: the library's rule; another one is only ever measured against it.
        """
        from_input = [exact_product(codes, self.input_weights[:, gate]) << self.code_shift for gate in range(3)]
        from_state = [exact_product(state, self.recurrent_weights[:, gate]) for gate in range(3)]
        bias, multiplier = self.bias.T, self.multiplier.T
        r, z = (
            sigmoid(requantize(bias[gate] + from_input[gate] + from_state[gate], multiplier[gate], self.scaling[gate]))
            for gate in (0, 1)
        )
        n_from_codes = requantize(bias[2] + from_input[2], multiplier[2], self.scaling[2])
        n_from_state = requantize(bias[3] + from_state[2], multiplier[2], self.scaling[2])
        n = tanh(saturate16(n_from_codes + multiply_q15(r, n_from_state)))
        return n + multiply_q15(z, state - n)

    def linear_maps(self):
        """Codes int8 and scales of each linear map of Gru.step: the same bytes in every artefact."""
        maps = {}
        for gate, name in enumerate(GATES):
            maps[f"W{name}"] = (self.input_weights[:, gate], self.input_scale[gate])
            maps[f"U{name}"] = (self.recurrent_weights[:, gate], self.recurrent_scale[gate])
        return maps
