"""A short causal depthwise convolution over time, as before the recurrence of S6 (arXiv:2312.00752).

y_t = sum over k of w_k x_(t-k), saturated at +-8
"""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import saturate16
from train.layers.layer import CodeFormat, Layer, State
from train.layers.ops import int16_ends
from train.layers.rows import IntegerRows

LIMIT = 8.0
"""Range of y, Q3.12."""

WEIGHT_FRACTION = 6
LARGEST_WEIGHT = 127 / 2**WEIGHT_FRACTION
"""Weights are int8 codes in units of 2^-6, so that a shift requantises; training clips them to the range of the codes."""


@dataclass(frozen=True)
class Depthwise(Layer):
    """weights [frames, channels], oldest hop first."""

    weights: np.ndarray

    @classmethod
    def initial(cls, inputs, frames):
        """Weights that return the newest hop."""
        weights = np.zeros((frames, inputs), np.float32)
        weights[-1] = 1
        return cls(weights)

    @property
    def frames(self):
        return len(self.weights)

    @property
    def units(self):
        return self.weights.shape[1]

    @property
    def inputs(self):
        return self.units

    def states(self):
        return (State("history", (self.frames - 1) * self.units, None),)

    def memory_codes(self):
        """The past hops; the output is in the device's scratch."""
        return self.states()[0].size

    def pack(self, output, states):
        return states[0].astype(np.int16)

    def unpack(self, memory):
        return (memory.astype(np.int64),)

    def codes(self):
        """Codes of the weights, int [frames, channels]."""
        return np.rint(np.clip(self.weights, -LARGEST_WEIGHT, LARGEST_WEIGHT) * 2**WEIGHT_FRACTION).astype(np.int64)

    def output_format(self, source):
        """Q3.12, with the bounds that the weights of each channel set."""
        inputs = np.array(source.bounds or source.largest) + abs(source.constant)
        reached = (np.abs(self.codes()).sum(axis=0) * inputs >> self.device_format(source)) + 1
        return CodeFormat(12, bounds=tuple(np.minimum(reached, 32768).tolist()))

    def activation_formats(self, source):
        parts = {f"x{frame}": source for frame in range(self.frames - 1)}
        return {**parts, "stacked": source, "y": self.output_format(source)}

    def linear_maps(self):
        weights = self.weights.clip(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        return {f"tap{frame}": (weights[frame], None) for frame in range(self.frames)}

    def integer_maps(self, rows):
        scale = np.array([2.0**-WEIGHT_FRACTION])
        return {f"tap{frame}": (rows.input_weights[frame, :, 0], scale) for frame in range(self.frames)}

    def step(self, ops, x, states):
        stacked = ops.join("stacked", states[0], x)
        taps = []
        for frame in range(self.frames - 1):
            hop = ops.part(f"x{frame}", stacked, frame * self.units, (frame + 1) * self.units)
            taps.append(ops.scale(f"tap{frame}", hop))
        older, *rest = taps
        for frame, tap in enumerate(rest):
            older = ops.add(f"sum{frame}", older, tap)
        y = ops.add_saturated("y", older, ops.scale(f"tap{self.frames - 1}", x), LIMIT)
        return y, (ops.part("history_out", stacked, self.units, self.frames * self.units),)

    def sequence(self, torch, weights, x, states):
        from train.fused.convolution import short_convolution  # imports torch, which only training needs

        history = states[0].unflatten(1, (self.frames - 1, self.units))
        taps = weights["weights"].clamp(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        y = short_convolution(x, history, taps, *int16_ends(LIMIT).values())
        newest = torch.cat([history, x[:, 1 - self.frames :]], 1)[:, 1 - self.frames :]
        return y, (newest.flatten(1),)

    def device_format(self, source):
        """The shift from products of inputs and weights to Q3.12."""
        return source.fraction + WEIGHT_FRACTION - 12

    def quantize(self, source):
        return Taps.of(self.codes()[:, :, None].astype(np.int8), source.constant, self.device_format(source))

    def integer_step(self, codes, sums, states):
        return sums[0], (np.concatenate([states[0], codes], axis=1)[:, self.units :],)


@dataclass(frozen=True)
class Taps(IntegerRows):
    """Rows of one weight, input_weights int8 [frames, channels, 1]; each frame multiplies another hop."""

    constant: int
    right_shift: int

    @classmethod
    def of(cls, codes, constant, right_shift):
        frames, channels, _ = codes.shape
        nothing = np.zeros((0, channels), np.int64)
        scale = np.full((frames, channels), 2.0**-WEIGHT_FRACTION)
        return cls(codes, codes[:, :, :0], nothing, nothing, (), 0, scale, scale, constant, right_shift)

    def preactivations(self, codes, state):
        """Input codes int [clips, channels] and earlier hops [clips, (frames - 1) * channels] -> [y in Q3.12]."""
        frames, channels, _ = self.input_weights.shape
        heard = np.concatenate([state, codes], axis=1).reshape(len(codes), frames, channels) + self.constant
        total = (heard * self.input_weights[:, :, 0]).sum(axis=1)
        return [saturate16(total + (1 << self.right_shift >> 1) >> self.right_shift)]
