"""Scale and zero_point of each activation in a quantised graph, the same in ONNX and TFLite.

    real = scale * (code - zero_point)

The device's sigmoid and tanh come from a table and are constant beyond its ends; a runtime's are not.  A unit that is
held at an end for many hops would accumulate the difference, so the inputs of a graph's sigmoid and tanh saturate at
the ends of the device's table.
"""

from dataclasses import dataclass

import numpy as np

from train.layers.layer import CodeFormat
from train.layers.ops import full_name

TABLE_ENDS = {"sigmoid": 8, "tanh": 4}
"""The largest |x| in the device's table, which serves both, tanh(x) = 2 sigmoid(2 x) - 1: Q3.12 and Q2.13."""

HEADROOM_16 = 2
"""One spare bit with 16-bit activations: an activation saturates at twice its calibrated range."""


class TableInputs:
    """The operators of Model.step on names instead of values; collects `ends`: {input of a sigmoid or tanh: TABLE_ENDS}."""

    def __init__(self):
        self.ends = {}

    def __getattr__(self, operator):
        def name_of(name, *inputs):
            if operator in TABLE_ENDS:
                self.ends[inputs[0]] = TABLE_ENDS[operator]
            return name

        return name_of


@dataclass(frozen=True)
class ActivationCodes:
    """The activation formats of a graph with `bits` (8 or 16) per activation.

    formats: {activation name: CodeFormat} of the fixed formats: features in the front end's unit, so that int8 codes
    enter unchanged, zero_point included; states, in and out, in the device's format, so that they saturate where the
    device's do.  tanh is Q0.15 or Q0.7, sigmoid the same or UQ0.8, as TFLite requires.
    ends: {activation name: largest magnitude in the device}, of TableInputs.
    ranges: {activation name: (low, high)} from calibration, of all other activations.
    """

    bits: int
    formats: dict
    ends: dict
    ranges: dict

    @classmethod
    def of_model(cls, bits, model, ranges):
        formats = {"features": model.features.format}
        for state in model.states():
            formats[state.name] = formats[f"{state.name}_out"] = state.format
        sources = model.formats()
        for name, layer in model.layers.items():
            for activation, format in layer.activation_formats(sources[name]).items():
                formats[full_name(name, activation)] = format
        heard = TableInputs()
        model.step(heard, "features", [state.name for state in model.states()])
        return cls(bits, formats, heard.ends, ranges)

    def scale_and_zero_point(self, name, operator):
        """(scale, zero_point) of the activation `name`, the output of `operator` (ONNX type; None: a graph input)."""
        if operator == "Sigmoid" and self.bits == 8:
            return 2.0**-8, -128
        if name in self.formats:
            return self._fixed(self.formats[name])
        if operator in ("Sigmoid", "Tanh"):
            return 2.0 ** (1 - self.bits), 0
        end = self.ends.get(name)
        if self.bits == 16 and end:
            return end / 32768, 0
        low, high = min(self.ranges[name][0], 0), max(self.ranges[name][1], 1e-6)
        if self.bits == 16:
            return HEADROOM_16 * max(-low, high) / 32767, 0
        if end:
            low, high = max(low, -end), min(high, end)
        scale = (high - low) / 255
        return scale, round(-128 - low / scale)

    def _fixed(self, format: CodeFormat):
        of_bytes = format.largest <= 128
        if self.bits == 16:
            return 2.0**-format.fraction, 0
        return (2.0**-format.fraction, -format.constant) if of_bytes else (2.0 ** (8 - format.fraction), 0)

    @property
    def dtype(self):
        return np.int8 if self.bits == 8 else np.int16
