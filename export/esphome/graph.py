"""One hop of a model as a streaming TFLite graph that ESPHome's component micro_wake_word runs.

    features int8 [1, stride, 40] -> uint8 [1, 1], the probability of one keyword, UQ0.8

The states are variables of the graph.  Between the input and the output all activations are int16, in the formats of
model.16x8.tflite, and the weights are the int8 codes that ship: a state in int8 would stand still where a unit is slow.
The component's resolver has 20 operators, so

    a linear map is CONV_2D of one point, which has a scale for each row
    tanh(x)      is 2 sigmoid(2 x) - 1: RESHAPE copies codes to a tensor of another scale, which doubles a value exactly
    a - b        is a + (-1) b
    softmax      is the product of sigmoid(logit - other logit) over the other labels, at most 0.1 below it
"""

import numpy as np

from export.activation_codes import ActivationCodes
from export.esphome.tensors import Graph
from firmware.command import Failure
from train.micro import BANDS

OPERATORS = (
    "CALL_ONCE VAR_HANDLE RESHAPE READ_VARIABLE STRIDED_SLICE CONCATENATION ASSIGN_VARIABLE CONV_2D MUL ADD MEAN FULLY_CONNECTED "
    "LOGISTIC QUANTIZE DEPTHWISE_CONV_2D AVERAGE_POOL_2D MAX_POOL_2D PAD PACK SPLIT_V"
).split()
"""Those of the component's resolver."""
VARIABLES = 20
"""The most that the component has room for."""

LARGEST_MARGIN = 8
"""A difference of logits, Q3.12, ends at +-8."""
PROBABILITY_SCALE = 2.0**-8


class Unfit(Failure):
    """A model that the component cannot run."""


class StepInGraph:
    """The operators of Model.step; a value is a tensor's index."""

    def __init__(self, graph, linear_maps, integer_maps, codes):
        self.graph, self.linear_maps, self.integer_maps, self.codes = graph, linear_maps, integer_maps, codes

    def _vector(self, name, operator, size):
        scale, _ = self.codes.scale_and_zero_point(name, operator)
        return self.graph.vector(name, size, scale)

    def linear(self, name, x):
        """The sums are int32: 2^15 * 127 * 256 inputs stays below 2^30, and a bias is far smaller."""
        weights, scale = self.integer_maps[name]
        made = self._vector(name, "Gemm", len(weights))
        convolve(self.graph, name, x, weights, scale, self.linear_maps[name][1], made)
        return made

    def sigmoid(self, name, x):
        made = self._vector(name, "Sigmoid", self.graph.size(x))
        self.graph.operator("LOGISTIC", [x], [made])
        return made

    def tanh(self, name, x):
        graph, shape = self.graph, (1, 1, 1, self.graph.size(x))
        twice = graph.reshaped(f"{name}.2x", x, shape, 2 * graph.scale(x))
        risen = graph.vector(f"{name}.sigmoid", shape[-1], 2.0**-15)
        graph.operator("LOGISTIC", [twice], [risen])
        doubled = graph.reshaped(f"{name}.2sigmoid", risen, shape, 2.0**-14)
        made = self._vector(name, "Tanh", shape[-1])
        graph.operator("ADD", [doubled, graph.minus_one()], [made], potScaleInt16=False)
        return made

    def add(self, name, a, b):
        made = self._vector(name, "Add", self.graph.size(a))
        self.graph.operator("ADD", [a, b], [made], potScaleInt16=False)
        return made

    def subtract(self, name, a, b):
        graph = self.graph
        negative = graph.vector(f"{name}.negative", graph.size(b), graph.scale(b))
        graph.operator("MUL", [b, graph.minus_one()], [negative])
        made = self._vector(name, "Sub", graph.size(a))
        graph.operator("ADD", [a, negative], [made], potScaleInt16=False)
        return made

    def multiply(self, name, a, b):
        made = self._vector(name, "Mul", self.graph.size(a))
        self.graph.operator("MUL", [a, b], [made])
        return made

    def add_saturated(self, name, a, b, limit):
        return self.add(name, a, b)

    def join(self, name, a, b):
        made = self._vector(name, "Concat", self.graph.size(a) + self.graph.size(b))
        self.graph.operator("CONCATENATION", [a, b], [made], axis=3)
        return made

    def part(self, name, x, begin, end):
        return self.graph.sliced(name, x, [0, 0, 0, begin], [1, 1, 1, end])

    def scale(self, name, x):
        weights, scale = self.integer_maps[name]
        constant = self.graph.constant(f"{name}.weights", weights.astype(np.int16).reshape(1, 1, 1, -1), scale)
        made = self._vector(name, "Mul", self.graph.size(x))
        self.graph.operator("MUL", [x, constant], [made])
        return made


def convolve(graph, name, x, weights, scale, bias, made):
    """A linear map of the vector x by int8 codes [units, inputs] with a scale per row, and a float bias [units]."""
    kernel = graph.constant(f"{name}.weights", weights.astype(np.int8)[:, None, None], scale)
    unit = np.asarray(scale, np.float64) * graph.scale(x)
    start = graph.constant(f"{name}.bias", np.rint(bias / unit).astype(np.int32))
    valid = graph.schema.Padding.VALID
    graph.operator("CONV_2D", [x, kernel, start], [made], padding=valid, strideW=1, strideH=1)


def _probability(graph, logits, keyword, labels):
    """The output: the product of sigmoid(logit of the keyword - other logit), uint8 [1, 1]."""
    others = [label for label in range(labels) if label != keyword]
    weights = np.zeros((len(others), labels), np.int8)
    weights[np.arange(len(others)), others] = -1
    weights[:, keyword] = 1
    margins = graph.vector("margins", len(others), LARGEST_MARGIN / 32768)
    convolve(graph, "margins", logits, weights, np.ones(len(others)), np.zeros(len(others)), margins)
    shares = graph.vector("shares", len(others), 2.0**-15)
    graph.operator("LOGISTIC", [margins], [shares])
    product = None
    for place in range(len(others)):
        share = graph.sliced(f"share{place}", shares, [0, 0, 0, place], [1, 1, 1, place + 1])
        if product is None:
            product = share
            continue
        joint = graph.vector(f"joint{place}", 1, 2.0**-15)
        graph.operator("MUL", [product, share], [joint])
        product = joint
    flat = graph.reshaped("joint", product, (1, 1), 2.0**-15)
    signed = graph.tensor("signed_probability", (1, 1), PROBABILITY_SCALE, -128, "INT8")
    graph.operator("QUANTIZE", [flat], [signed])
    probability = graph.tensor("probability", (1, 1), PROBABILITY_SCALE, 0, "UINT8")
    graph.operator("QUANTIZE", [signed], [probability])
    return probability


def _newest_frame(graph, format, stride):
    """(input int8 [1, stride, BANDS], its newest frame as an int16 vector)."""
    scale, zero_point = 2.0**-format.fraction, -format.constant
    given = graph.tensor("features", (1, stride, BANDS), scale, zero_point, "INT8")
    newest = graph.sliced("newest", given, [0, stride - 1, 0], [1, stride, BANDS]) if stride > 1 else given
    frame = graph.reshaped("frame", newest, (1, 1, 1, BANDS), scale, zero_point, "INT8")
    x = graph.vector("x", BANDS, scale)
    graph.operator("QUANTIZE", [frame], [x])
    return given, x


def streaming_graph(model, integers, ranges, keyword, stride):
    """The bytes of the graph that tells one keyword, by its index; equal arguments give equal bytes.

    stride: frames of the component in a hop of the model, which hears the newest.  Unfit if the component cannot run it.
    """
    states = model.states()
    if model.frontend.bands != BANDS:
        raise Unfit(f"recipe {model.recipe}: ESPHome's features have {BANDS} bands, these {model.frontend.bands}")
    if len(states) > VARIABLES:
        raise Unfit(
            f"recipe {model.recipe}: {len(states)} states, but ESPHome has room for {VARIABLES} variables; use fewer layers"
        )
    graph = Graph()
    codes = ActivationCodes.of_model(16, model, ranges)
    step = StepInGraph(graph, model.linear_maps(), integers.linear_maps(), codes)
    variables = [
        graph.variable(state.name, state.size, codes.scale_and_zero_point(state.name, None)[0]) for state in states
    ]
    graph.operator("CALL_ONCE", [], [], initSubgraphIndex=1)
    for handle, value in variables:
        graph.operator("READ_VARIABLE", [handle], [value])
    given, x = _newest_frame(graph, model.features.format, stride)
    logits, following = model.step(step, x, [value for _, value in variables])
    probability = _probability(graph, logits, keyword, len(model.labels))
    for (handle, _), value in zip(variables, following, strict=True):
        graph.operator("ASSIGN_VARIABLE", [handle, value], [])
    graph.main.inputs, graph.main.outputs = [given], [probability]
    return graph.content()
