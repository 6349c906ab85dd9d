"""The operators of a layer's step in numpy and torch; export/ has those that build ONNX and TFLite graphs.

The first argument of an operator is the name of its result: of a linear map, whose weights it looks up, or an activation.
"""

import numpy as np


def int16_ends(limit):
    """The smallest and the largest value of an int16 format with range -limit..limit."""
    return {"least": -limit, "greatest": limit * (1 - 2.0**-15)}


class FloatOps:
    """The operators of a step in float numpy; activations, if given, collects the range (least, greatest) of every result."""

    def __init__(self, linear_maps, activations=None):
        self.linear_maps, self.activations = linear_maps, activations

    def _named(self, name, value):
        if self.activations is not None:
            self.activations.setdefault(name, []).append((float(value.min()), float(value.max())))
        return value

    def linear(self, name, x):
        weights, bias = self.linear_maps[name]
        return self._named(name, x @ weights.T + bias)

    def sigmoid(self, name, x):
        return self._named(name, 1 / (1 + np.exp(-np.maximum(x, -80))))

    def tanh(self, name, x):
        return self._named(name, np.tanh(x))

    def add(self, name, a, b):
        return self._named(name, a + b)

    def subtract(self, name, a, b):
        return self._named(name, a - b)

    def multiply(self, name, a, b):
        return self._named(name, a * b)

    def add_saturated(self, name, a, b, limit):
        """a + b, saturated as by an int16 format with range -limit..limit; in a quantised graph the format does that."""
        return self._named(name, np.clip(a + b, *int16_ends(limit).values()))

    def join(self, name, a, b):
        return np.concatenate([a, b], axis=1)

    def part(self, name, x, begin, end):
        return x[:, begin:end]

    def scale(self, name, x):
        """x times one weight per column."""
        return self._named(name, x * self.linear_maps[name][0])


class TensorOps:
    """The operators that are the same for tensors of torch and of TensorFlow."""

    def add(self, name, a, b):
        return a + b

    def subtract(self, name, a, b):
        return a - b

    def multiply(self, name, a, b):
        return a * b

    def part(self, name, x, begin, end):
        return x[:, begin:end]


class TorchOps(TensorOps):
    """The operators of a step on torch tensors, with gradients."""

    def __init__(self, torch, linear_maps):
        self.torch, self.linear_maps = torch, linear_maps

    def linear(self, name, x):
        weights, bias = self.linear_maps[name]
        return x @ weights.T + self.torch.as_tensor(bias)

    def sigmoid(self, name, x):
        return x.sigmoid()

    def tanh(self, name, x):
        return x.tanh()

    def add_saturated(self, name, a, b, limit):
        return (a + b).clamp(*int16_ends(limit).values())

    def join(self, name, a, b):
        return self.torch.cat([a, b], 1)

    def scale(self, name, x):
        return x * self.linear_maps[name][0]


class LayerOps:
    """The operators of one layer: they put the layer's name before every name."""

    def __init__(self, ops, layer):
        self._ops, self._layer = ops, layer

    def __getattr__(self, operator):
        make = getattr(self._ops, operator)
        return lambda name, *inputs: make(full_name(self._layer, name), *inputs)


def full_name(layer, name):
    """The name of a layer's map, state or activation in the whole model."""
    return f"{layer}_{name}" if name else layer
