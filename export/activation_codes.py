"""How a quantised graph stores its activations, in ONNX as in TFLite: a scale and a zero_point for each.

A graph's own sigmoid and tanh go on where the device's table ends, and a unit that is held at an end for long adds
the difference up.  So what they hear saturates in the graph where it does in the device.

    real = scale * (code - zero_point)
"""

from dataclasses import dataclass

import numpy as np

from train.layers.layer import CodeFormat
from train.layers.ops import full_name

TABLE_ENDS = {"sigmoid": 8, "tanh": 4}
"""The largest |x| that the device's one table tells from others, as tanh(x) = 2 sigmoid(2 x) - 1: Q3.12 and Q2.13."""

HEADROOM_16 = 2
"""Sixteen bits have one to spare: an activation may reach twice its calibrated range before it saturates."""


class TableInputs:
    """The operators of a step, each value its name; `ends`: {what a sigmoid or a tanh hears: where that saturates}."""

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
    """How a graph of `bits` (8 or 16) stores its activations.

    ranges: {activation name: (low, high)}, from calibration, of all but those whose format is fixed: features in the
    front end's own unit, so that its codes enter exactly (int8: zero_point and all); a state in the device's format,
    in and out, so that it saturates where the device does; tanh in Q0.15 or Q0.7, sigmoid likewise or in UQ0.8, as
    TFLite demands.  ends: {activation name: the largest magnitude that it has in the device}, of TableInputs.
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
        """Scale and zero_point of the activation `name`, the output of `operator` (an ONNX type; None for an input)."""
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
