"""One hop of a model as ONNX: (features, states) -> (logits, next states), in float and with int16 or int8 activations.

Model.step describes the hop; OnnxOps turns each of its operations into ONNX nodes.  In a quantised graph every weight is
DequantizeLinear of the device's own int8 codes, row by row, and every activation passes through a pair of
QuantizeLinear and DequantizeLinear, so any runtime computes the same model and a compiler can fuse it.
Weights and activations are both int8, never uint8: uint8 by int8 saturates on CPUs without VNNI.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.activation_codes import ActivationCodes
from firmware.files import write_whole
from train.layers.ops import int16_ends

FILES = {None: "model.onnx", 16: "model.int16.onnx", 8: "model.int8.onnx"}
"""File name by bits per activation; None: float."""

OPSETS = {None: 11, 16: 21, 8: 13}
"""The lowest opset with the operators needed, so that old runtimes load the file: Clip with its limits as inputs (11),
QuantizeLinear to int16 (21), DequantizeLinear by rows (13)."""


class OnnxOps:
    """The operators of Model.step, each appending ONNX nodes; a value is the name of its tensor.

    linear_maps: the float weights.  With codes (ActivationCodes) the graph is quantised: integer_maps are the int8 codes
    and row scales of the weights, and a bias is int32 in units of input scale times row scale.
    """

    def __init__(self, linear_maps, integer_maps=None, codes=None):
        self.linear_maps, self.integer_maps, self.codes = linear_maps, integer_maps, codes
        self.nodes, self.initializers, self.scale_of = [], [], {}

    def input(self, name):
        return self._quantised(name, name, f"{name}.real") if self.codes else name

    def linear(self, name, x):
        weights, bias = self.linear_maps[name]
        if self.codes is None:
            weights = self._constant(f"{name}.weights", weights.astype(np.float32))
            bias = self._constant(f"{name}.bias", bias.astype(np.float32))
        else:
            weight_codes, scale = self.integer_maps[name]
            weights = self._dequantised_rows(f"{name}.weights", weight_codes, scale)
            unit = scale * self.scale_of[x]
            bias = self._dequantised_rows(f"{name}.bias", np.rint(bias / unit).astype(np.int32), unit)
        return self._activation("Gemm", name, x, weights, bias, transB=1)

    def sigmoid(self, name, x):
        return self._activation("Sigmoid", name, x)

    def tanh(self, name, x):
        return self._activation("Tanh", name, x)

    def add(self, name, a, b):
        return self._activation("Add", name, a, b)

    def subtract(self, name, a, b):
        return self._activation("Sub", name, a, b)

    def multiply(self, name, a, b):
        return self._activation("Mul", name, a, b)

    def add_saturated(self, name, a, b, limit):
        if self.codes:
            return self.add(name, a, b)  # its codes saturate where the device's do
        ends = [self._constant(f"{name}.{end}", np.float32(value)) for end, value in int16_ends(limit).items()]
        return self._node("Clip", (self.add(f"{name}.sum", a, b), *ends), name)

    def join(self, name, a, b):
        return self._activation("Concat", name, a, b, axis=1)

    def part(self, name, x, begin, end):
        cut = {"begin": begin, "end": end, "axis": 1}
        return self._activation(
            "Slice", name, x, *(self._constant(f"{name}.{part}", np.array([at], np.int64)) for part, at in cut.items())
        )

    def scale(self, name, x):
        if self.codes is None:
            return self._activation("Mul", name, x, self._constant(f"{name}.weights", self.linear_maps[name][0]))
        codes, scale = self.integer_maps[name]
        return self._activation("Mul", name, x, self._dequantised_rows(f"{name}.weights", codes, scale[0]))

    def _activation(self, operator, name, *inputs, **attributes):
        if self.codes is None:
            return self._node(operator, inputs, name, **attributes)
        exact = self._node(operator, inputs, f"{name}.exact", **attributes)
        return self._quantised(name, exact, name, operator)

    def _quantised(self, name, exact, output, operator=None):
        scale, zero_point = self.codes.scale_and_zero_point(name, operator)
        parameters = (
            self._constant(f"{output}.scale", np.float32(scale)),
            self._constant(f"{output}.zero_point", self.codes.dtype(zero_point)),
        )
        self._node("QuantizeLinear", (exact, *parameters), f"{output}.code")
        self.scale_of[output] = scale
        return self._node("DequantizeLinear", (f"{output}.code", *parameters), output)

    def _dequantised_rows(self, name, codes, scale):
        """DequantizeLinear of codes, with one scale for each row or for all.

        int8 codes get an explicit zero_point of 0: ONNX Runtime up to 1.18 fuses a Gemm with its weights and then
        requires one of the scale's shape.
        """
        inputs = [self._constant(f"{name}.code", codes), self._constant(f"{name}.scale", scale.astype(np.float32))]
        if codes.dtype == np.int8:
            inputs.append(self._constant(f"{name}.zero_point", np.zeros(scale.shape, np.int8)))
        return self._node("DequantizeLinear", inputs, name, **({"axis": 0} if scale.ndim else {}))

    def _constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def _node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output


def onnx_graph(model, integers=None, codes=None):
    """One hop as onnx.ModelProto: in float, or quantised with an IntegerModel's weights and ActivationCodes."""
    ops = OnnxOps(model.linear_maps(), None if codes is None else integers.linear_maps(), codes)
    sizes = {state.name: state.size for state in model.states()}
    logits, following = model.step(ops, ops.input("features"), [ops.input(name) for name in sizes])
    begins = {"features": model.frontend.bands, **sizes}
    ends = {logits: len(model.labels), **dict(zip(following, sizes.values(), strict=True))}
    graph = helper.make_graph(ops.nodes, "step", _values(begins), _values(ends), ops.initializers)
    opsets = [helper.make_opsetid("", OPSETS[codes and codes.bits])]
    proto = helper.make_model(graph, opset_imports=opsets, ir_version=helper.find_min_ir_version_for(opsets))
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _values(columns):
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in columns.items()]


def write_onnx_graphs(folder, model, integers, ranges, about):
    """Write FILES; the same model, ranges and metadata give the same bytes.

    ranges: {activation name: (low, high)}; KeyError if an activation is missing.
    about: {key: text} of export/metadata.py.
    """
    for bits, name in FILES.items():
        proto = onnx_graph(model, integers, bits and ActivationCodes.of_model(bits, model, ranges))
        helper.set_model_props(proto, about)
        write_whole(Path(folder) / name, proto.SerializeToString())


def weight_codes_of(path):
    """The weight codes in a quantised file: {map name: int8 [rows, columns]}."""
    suffix = ".weights.code"
    return {
        constant.name.removesuffix(suffix): numpy_helper.to_array(constant)
        for constant in onnx.load(path).graph.initializer
        if constant.name.endswith(suffix)
    }
