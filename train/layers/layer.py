"""What every layer of a network is: rows of weights, and what it carries from hop to hop.

A cell's own file has its equations and nothing else: the step as a graph that numpy, ONNX and TFLite each build
with their own operators, the form in which torch trains it over a whole clip, and the step in integers.  How a
fifth cell is added is told in docs/cells.md.
"""

from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np

from train.layers.ops import TorchOps
from train.layers.rows import IntegerRows, quantize_rows


@dataclass(frozen=True)
class CodeFormat:
    """How integers stand for reals: real = (code + constant) * 2^-fraction, |code| <= largest.

    bounds: of |code| by channel, where weights tell that it is less; requantising shares 32 bits by them.
    """

    fraction: int
    constant: int = 0
    largest: int = 32768
    bounds: tuple = ()

    def real(self, codes):
        """float32."""
        return (np.asarray(codes, np.float32) + self.constant) * np.float32(2.0**-self.fraction)


Q15 = CodeFormat(15)
"""Q0.15: gates, and the outputs of every cell."""


@dataclass(frozen=True)
class State:
    """Something that a layer carries from hop to hop, zero in a new stream: float [clips, size], or integers.

    format: None where it is that of the layer's input.  guard_bits: fraction bits that integers keep behind it.
    """

    name: str
    size: int
    format: CodeFormat | None = Q15
    guard_bits: int = 0


class Layer:
    """The interface of a layer; its dataclass fields are arrays (weights) and settings (the rest).

    Everything below is for vectors of many clips at once: [clips, columns].  A layer has `inputs` columns in and
    `units` out.
    """

    def arrays(self):
        """{field: array} of the weights."""
        return {name: value for name, value in self._fields() if isinstance(value, np.ndarray)}

    def settings(self):
        """{field: value} of the rest."""
        return {name: value for name, value in self._fields() if not isinstance(value, np.ndarray)}

    def _fields(self):
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    def states(self):
        """The States it carries."""
        return ()

    def output_format(self, source):
        """The CodeFormat of its output, where its input is of format source."""
        return Q15

    def activation_formats(self, source):
        """{name: CodeFormat} of those of its activations whose format is fixed, but for its states'."""
        return {}

    def step(self, ops, x, states):
        """The step as a graph: `ops` makes the nodes, and names each linear map and each activation.

        Returns the output and the next states; next state s is the activation named s_out.
        """
        raise NotImplementedError

    def sequence(self, torch, weights, x, states):
        """The steps of whole clips in torch, x float [clips, hops, inputs] -> outputs [clips, hops, units], last states.

        weights: tensors by the names of arrays().  torch is handed in, for only training needs it.  A layer without a
        faster form of its own is trained step by step.
        """
        layer = replace(self, **weights)
        ops, outputs = TorchOps(torch, layer.linear_maps()), []
        for hop in x.unbind(1):
            y, states = layer.step(ops, hop, states)
            outputs.append(y)
        return torch.stack(outputs, 1), states

    def linear_maps(self):
        """Float weights [units, columns] and bias [units] of each linear map of `step`; of a product element by element,
        [columns] and None."""
        return {}

    def quantize(self, source):
        """The IntegerRows of its weights, for inputs of CodeFormat source; None where it has no weights."""
        return None

    def integer_maps(self, rows):
        """Codes int8 [units, columns] and scales [units] of each linear map: the same bytes in every artefact."""
        return {}

    def integer_step(self, codes, sums, states):
        """The step in integers -> output int [clips, units] in output_format, next states.

        codes: input int [clips, inputs]; sums: pre-activations, a list of int64 [clips, units] in Q3.12, one a gate in the
        order of GATES, and the last gate's over the state after its own where SPLIT; states: int64 [clips, size].
        """
        raise NotImplementedError

    def tables(self):
        """The tables of firmware/generate/tables.py that its integer step reads."""
        return ()

    def device_format(self, source):
        """What field `format` of struct kws_layer says to its kind's file."""
        return 0

    def memory_codes(self):
        """int16 that the device keeps for it: its output first."""
        return self.units + sum(state.size for state in self.states())

    def pack(self, output, states):
        """Output and states as the device keeps them, int16 [clips, memory_codes]."""
        return np.concatenate([output, *states], axis=1).astype(np.int16)

    def unpack(self, memory):
        """The states in int16 [clips, memory_codes]."""
        sizes = [state.size for state in self.states()]
        return tuple(np.split(memory.astype(np.int64), np.cumsum([self.units, *sizes])[:-1], axis=1)[1:])


def dealt(layers, states):
    """(name, layer, its own states) of every layer of {name: Layer}; states: of all of them, in their order."""
    states = list(states)
    for name, layer in layers.items():
        count = len(layer.states())
        own, states = tuple(states[:count]), states[count:]
        yield name, layer, own


@dataclass(frozen=True)
class LinearLayer(Layer):
    """A layer with `GATES` rows of weights a unit.

    input_weights [gates, units, inputs], bias [sums, units].
    """

    GATES: ClassVar[tuple] = ("",)
    SPLIT: ClassVar[bool] = False
    """Whether the last gate's sum over the state stays apart from that over the input, with a bias of its own."""

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
        """[gates, units, columns]: none, but for a RecurrentLayer."""
        return np.zeros((len(self.GATES), self.units, 0), np.float32)

    def map_name(self, source, gate):
        """What a gate's linear map of the input (source W) or of the state (U) is called."""
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
        """Fraction bits of what the rows are requantised to: Q3.12."""
        return 12

    def quantize(self, source) -> IntegerRows:
        return quantize_rows(self, source)


@dataclass(frozen=True)
class RecurrentLayer(LinearLayer):
    """A cell whose rows multiply its output h too: recurrent_weights [gates, units, units]."""

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
    """Input weights uniform after Glorot and Bengio (2010), all gates as one matrix."""
    limit = np.sqrt(6 / (inputs + gates * units))
    return random.uniform(-limit, limit, (gates, units, inputs)).astype(np.float32)


def orthogonal(random, gates, units):
    """An orthogonal matrix a gate (Saxe et al. 2014, arXiv:1312.6120)."""
    matrices = []
    for _ in range(gates):
        q, r = np.linalg.qr(random.normal(size=(units, units)))
        matrices.append(q * np.sign(np.diag(r)))
    return np.stack(matrices).astype(np.float32)
