"""Weights rounded to the codes of the device while they are trained, so that the network learns to do with them.

The network computes with rounded weights, and the gradient passes as if they were not (straight-through estimator, Bengio et al.
2013, arXiv:1308.3432).  Biases have 32 bits and are not rounded.  The codes are those of the equalised layers
(train/equalisation.py): a channel's taps are rounded on the scale that its factor gives them.
"""

from dataclasses import replace

import numpy as np
import torch

from train.equalisation import factors
from train.layers import Depthwise
from train.layers.depthwise import LARGEST_WEIGHT, WEIGHT_FRACTION
from train.layers.layer import LinearLayer


def straight_through(value):
    """round(value), with the gradient of value."""
    return value + (value.round() - value).detach()


class Rounding:
    """Rounds the weights of {name: Layer} whose features have the CodeFormat source.  Call it for the layers in their order."""

    def __init__(self, layers, source):
        self.layers, self.sources = layers, {}
        for name, layer in layers.items():
            self.sources[name] = source
            source = layer.output_format(source)
        self.factors = {}

    def _taps(self, name, tensors):
        layer = replace(self.layers[name], weights=tensors["weights"].detach().numpy())
        found = np.float32(factors(layer, self.sources[name]))
        following = list(self.layers)[list(self.layers).index(name) + 1]
        self.sources[following] = replace(layer, weights=layer.weights * found).output_format(self.sources[name])
        self.factors[following] = factor = torch.from_numpy(found)
        scale = factor * 2**WEIGHT_FRACTION
        limit = LARGEST_WEIGHT / factor
        taps = tensors["weights"].maximum(-limit).minimum(limit)
        return {**tensors, "weights": straight_through(taps * scale) / scale}

    def _rows(self, name, tensors):
        factor = self.factors.get(name, 1.0)
        tensors = {**tensors, "input_weights": tensors["input_weights"] / factor}
        arrays = {field: value.detach().numpy() for field, value in tensors.items()}
        rows = replace(self.layers[name], **arrays).quantize(self.sources[name])
        for field, scale in (("input_weights", rows.input_scale), ("recurrent_weights", rows.recurrent_scale)):
            if field in tensors:
                scale = torch.from_numpy(np.float32(scale))[:, :, None]
                tensors[field] = straight_through(tensors[field] / scale) * scale
        return {**tensors, "input_weights": tensors["input_weights"] * factor}

    def __call__(self, name, tensors):
        """{field: tensor} of a layer with rounded weights."""
        layer = self.layers[name]
        if isinstance(layer, Depthwise):
            return self._taps(name, tensors)
        return self._rows(name, tensors) if isinstance(layer, LinearLayer) else tensors
