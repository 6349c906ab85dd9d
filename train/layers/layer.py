"""The interface of a layer: its weights, its states, and its step in three forms.

The file of a cell has its equations alone: the step as a graph, which numpy, ONNX and TFLite build with their own
operators; the sequence over a whole clip, with which torch trains it; and the step in integers.  docs/cells.md shows how to
add a cell.
"""

from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np

from train.layers.ops import TorchOps
from train.layers.rows import IntegerRows, quantize_rows


@dataclass(frozen=True)
class CodeFormat:
    """The meaning of integer codes: real = (code + constant) * 2^-fraction, |code| <= largest.

    bounds: the largest |code| of each channel if the weights limit it further; used to share out 32 bits in requantisation.
    """

    fraction: int
    constant: int = 0
    largest: int = 32768
    bounds: tuple = ()

    def real(self, codes):
        """The real values of codes, float32."""
        return (np.asarray(codes, np.float32) + self.constant) * np.float32(2.0**-self.fraction)


Q15 = CodeFormat(15)
"""Q0.15: gates, and the outputs of every cell."""


@dataclass(frozen=True)
class State:
    """A state that a layer carries from hop to hop, zero in a new stream: float [clips, size], or integers.

    format: None if it is that of the layer's input.  guard_bits: additional fraction bits of the integers.
    """

    name: str
    size: int
    format: CodeFormat | None = Q15
    guard_bits: int = 0


class Layer:
    """A layer; its dataclass fields are arrays (weights) and settings (all others).

    Vectors are those of many clips at once: [clips, inputs] in, [clips, units] out.
    """

    def arrays(self):
        """{field: array}: the weights."""
        return {name: value for name, value in self._fields() if isinstance(value, np.ndarray)}

    def settings(self):
        """{field: value}: all fields but the weights."""
        return {name: value for name, value in self._fields() if not isinstance(value, np.ndarray)}

    def _fields(self):
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    def states(self):
        """The States of the layer."""
        return ()

    def output_format(self, source):
        """The CodeFormat of the output; source: that of the input."""
        return Q15

    def activation_formats(self, source):
        """{name: CodeFormat} of the activations with a fixed format, without the states."""
        return {}

    def step(self, ops, x, states):
        """The step as a graph whose nodes `ops` makes; each linear map and each activation has a name.

        Returns the output and the next states; the next state of s is the activation s_out.
        """
        raise NotImplementedError

    def sequence(self, torch, weights, x, states):
        """All steps of whole windows in torch: x float [clips, hops, inputs] -> outputs [clips, hops, units], last states.

        weights: {field: tensor}, the fields of arrays().  torch is an argument because only training imports it.  This form
        runs `step` hop by hop; layers with a faster one override it.
        """
        layer = replace(self, **weights)
        ops, outputs = TorchOps(torch, layer.linear_maps()), []
        for hop in x.unbind(1):
            y, states = layer.step(ops, hop, states)
            outputs.append(y)
        return torch.stack(outputs, 1), states

    def linear_maps(self):
        """{name: (weights, bias)} of each linear map of `step`, float [units, columns] and [units]; [columns] and None for an
        element-wise product."""
        return {}

    def quantize(self, source):
        """The IntegerRows of the weights, or None without weights; source: CodeFormat of the input."""
        return None

    def integer_maps(self, rows):
        """{name: (codes int8 [units, columns], scales [units])} of each linear map: the same bytes in every artefact."""
        return {}

    def integer_step(self, codes, sums, states):
        """The step in integers -> output int [clips, units] in output_format, next states.

        codes: input int [clips, inputs]; states: int64 [clips, size]; sums: pre-activations, a list of int64 [clips, units] in
        Q3.12, one per gate in the order of GATES.  If SPLIT, the last gate has two: over the input, then over the state.
        """
        raise NotImplementedError

    def tables(self):
        """Names of the tables (firmware/generate/tables.py) that the integer step reads."""
        return ()

    def device_format(self, source):
        """Field `format` of struct kws_layer; its meaning depends on the kind of layer."""
        return 0

    def memory_codes(self):
        """Size of the layer's memory on the device, in int16: the output, then the states."""
        return self.units + sum(state.size for state in self.states())

    def pack(self, output, states):
        """The layer's memory on the device, int16 [clips, memory_codes]."""
        return np.concatenate([output, *states], axis=1).astype(np.int16)

    def unpack(self, memory):
        """The states in the layer's memory, int16 [clips, memory_codes]."""
        sizes = [state.size for state in self.states()]
        return tuple(np.split(memory.astype(np.int64), np.cumsum([self.units, *sizes])[:-1], axis=1)[1:])


def dealt(layers, states):
    """(name, layer, its states) of each layer of {name: Layer}; states: those of all layers, in their order."""
    states = list(states)
    for name, layer in layers.items():
        count = len(layer.states())
        own, states = tuple(states[:count]), states[count:]
        yield name, layer, own


@dataclass(frozen=True)
class LinearLayer(Layer):
    """A layer with a row of weights per unit and gate of GATES.

    input_weights [gates, units, inputs], bias [sums, units].
    """

    GATES: ClassVar[tuple] = ("",)
    SPLIT: ClassVar[bool] = False
    """Whether the last gate has separate sums over the input and over the state, each with a bias."""

    input_weights: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        gates, units, inputs = len(self.GATES), self.units, self.inputs
        wanted = {"input_weights": (gates, units, inputs), "bias": (gates + self.SPLIT, units)}
        if self.state_weights.shape[-1]:
            wanted["state_weights"] = (gates, units, units)
        found = {name: getattr(self, name).shape for name in wanted}
        if found != wanted:
            raise ValueError(f"the arrays of {type(self).__name__} must have the shapes {wanted}, not {found}")

    @property
    def units(self):
        return self.bias.shape[-1]

    @property
    def inputs(self):
        return self.input_weights.shape[-1]

    @property
    def state_weights(self):
        """[gates, units, units] of a RecurrentLayer, else [gates, units, 0]."""
        return np.zeros((len(self.GATES), self.units, 0), np.float32)

    def map_name(self, source, gate):
        """The name of a gate's linear map of the input (source W) or of the state (U)."""
        return source + gate

    def linear_maps(self):
        maps = {}
        for gate, name in enumerate(self.GATES):
            maps[self.map_name("W", name)] = (self.input_weights[gate], self.bias[gate])
            if self.state_weights.shape[-1]:
                split = self.SPLIT and gate == len(self.GATES) - 1
                bias = self.bias[-1] if split else np.zeros(self.units, np.float32)
                maps[self.map_name("U", name)] = (self.state_weights[gate], bias)
        return maps

    def integer_maps(self, rows):
        maps = {}
        for gate, name in enumerate(self.GATES):
            maps[self.map_name("W", name)] = (rows.input_weights[gate], rows.input_scale[gate])
            if self.state_weights.shape[-1]:
                maps[self.map_name("U", name)] = (rows.recurrent_weights[gate], rows.recurrent_scale[gate])
        return maps

    def tables(self):
        return ("sigmoid",)

    def preactivation_fraction(self):
        """Fraction bits of the requantised sums: Q3.12."""
        return 12

    def quantize(self, source) -> IntegerRows:
        return quantize_rows(self, source)


@dataclass(frozen=True)
class RecurrentLayer(LinearLayer):
    """A cell whose rows also multiply its output h: recurrent_weights [gates, units, units]."""

    recurrent_weights: np.ndarray

    @property
    def state_weights(self):
        return self.recurrent_weights

    def states(self):
        return (State("h", self.units),)

    def memory_codes(self):
        return sum(state.size for state in self.states())

    def pack(self, output, states):
        return np.concatenate(states, axis=1).astype(np.int16)

    def unpack(self, memory):
        return tuple(np.split(memory.astype(np.int64), len(self.states()), axis=1))


def glorot(random, gates, units, inputs):
    """Uniform input weights after Glorot and Bengio (2010), with all gates as one matrix."""
    limit = np.sqrt(6 / (inputs + gates * units))
    return random.uniform(-limit, limit, (gates, units, inputs)).astype(np.float32)


def orthogonal(random, gates, units):
    """An orthogonal matrix for each gate (Saxe et al. 2014, arXiv:1312.6120)."""
    matrices = []
    for _ in range(gates):
        q, r = np.linalg.qr(random.normal(size=(units, units)))
        matrices.append(q * np.sign(np.diag(r)))
    return np.stack(matrices).astype(np.float32)
