"""One step of a model as ONNX: (features, state) -> (logits, state_out), in float and with int16 or int8 activations.

Model.step describes the step once; OnnxOps appends ONNX nodes as it is told them.  In a quantised graph every
weight is DequantizeLinear of the device's own int8 codes, row by row, and every activation passes through a
QuantizeLinear / DequantizeLinear pair, so any runtime computes the same model and a compiler can fuse it.
int8 meets int8, never uint8: uint8 with int8 saturates on CPUs without VNNI.

    real = scale * (code - zero_point)
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from firmware.files import write_whole
from train.model import Features

OPSET, IR_VERSION = 21, 10
"""Opset 21 is the first with int16 QuantizeLinear; IR 10 is the version that came with it."""

HEADROOM_16 = 2
"""Sixteen bits have one to spare: an activation may reach twice its calibrated range before it saturates."""

GRAPH_NAMES = {"h_out": "state_out"}
"""What an activation of Model.step is called as an output of the graph, where that differs."""


@dataclass(frozen=True)
class ActivationCodes:
    """How a graph of `bits` (8 or 16) stores its activations.

    ranges: {activation name: (low, high)}, from calibration, of all but features and state.  Those are fixed: features
    in the front end's own unit, so that its codes enter exactly (int8: zero_point and all); the state and tanh in
    Q0.15 or Q0.7, sigmoid likewise or in UQ0.8, as TFLite demands.  The state has one scale, in and out.
    """

    bits: int
    features: Features
    ranges: dict

    def of(self, name, operator):
        """Scale and zero_point of the activation `name`, the output of `operator` (an ONNX type; None for an input)."""
        if name == "features":
            return 2.0**-self.features.right_shift, self.features.mean_level - 128 if self.bits == 8 else 0
        if operator == "Sigmoid" and self.bits == 8:
            return 2.0**-8, -128
        if operator in ("Sigmoid", "Tanh") or name in ("state", "h_out"):
            return 2.0 ** (1 - self.bits), 0
        low, high = min(self.ranges[name][0], 0), max(self.ranges[name][1], 1e-6)
        if self.bits == 16:
            return HEADROOM_16 * max(-low, high) / 32767, 0
        scale = (high - low) / 255
        return scale, round(-128 - low / scale)

    @property
    def dtype(self):
        return np.int8 if self.bits == 8 else np.int16


class OnnxOps:
    """Appends nodes for the operators of Model.step; a value is the name of its tensor.

    linear_maps are the model's floats.  With codes (ActivationCodes), integer_maps are the int8 codes and row scales
    that stand for the weights, and a bias is int32 in units of input scale times row scale.
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

    def _activation(self, operator, name, *inputs, **attributes):
        output = GRAPH_NAMES.get(name, name)
        if self.codes is None:
            return self._node(operator, inputs, output, **attributes)
        exact = self._node(operator, inputs, f"{output}.exact", **attributes)
        return self._quantised(name, exact, output, operator)

    def _quantised(self, name, exact, output, operator=None):
        scale, zero_point = self.codes.of(name, operator)
        parameters = (
            self._constant(f"{output}.scale", np.float32(scale)),
            self._constant(f"{output}.zero_point", self.codes.dtype(zero_point)),
        )
        self._node("QuantizeLinear", (exact, *parameters), f"{output}.code")
        self.scale_of[output] = scale
        return self._node("DequantizeLinear", (f"{output}.code", *parameters), output)

    def _dequantised_rows(self, name, codes, scale):
        inputs = self._constant(f"{name}.code", codes), self._constant(f"{name}.scale", scale.astype(np.float32))
        return self._node("DequantizeLinear", inputs, name, axis=0)

    def _constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output


def onnx_graph(model, integers=None, codes=None):
    """The step as an onnx.ModelProto: float, or with ActivationCodes and the weights of an IntegerModel."""
    ops = OnnxOps(model.linear_maps(), None if codes is None else integers.linear_maps(), codes)
    logits, state_out = model.step(ops, ops.input("features"), ops.input("state"))
    columns = {
        "features": model.frontend.bands,
        "state": model.cell.units,
        logits: len(model.labels),
        state_out: model.cell.units,
    }
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in columns.items()]
    graph = helper.make_graph(ops.nodes, "step", ends[:2], ends[2:], ops.initializers)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def write_onnx_graphs(folder, model, integers, ranges):
    """Write model.onnx, model.int16.onnx and model.int8.onnx; the same model and ranges give the same bytes.

    ranges: {activation name: (low, high)}; KeyError for an activation of the step that is not in it.
    """
    folder = Path(folder)
    write_whole(folder / "model.onnx", onnx_graph(model).SerializeToString())
    for bits in (16, 8):
        codes = ActivationCodes(bits, model.features, ranges)
        write_whole(folder / f"model.int{bits}.onnx", onnx_graph(model, integers, codes).SerializeToString())


def weight_codes_of(path):
    """The weights of a quantised file as it holds them: {map name: int8 [rows, columns]}."""
    suffix = ".weights.code"
    return {
        constant.name.removesuffix(suffix): numpy_helper.to_array(constant)
        for constant in onnx.load(path).graph.initializer
        if constant.name.endswith(suffix)
    }


def run_onnx(path, streams):
    """Logits float [hops, labels] of each stream of network input float [hops, bands], its state carried from zero.

    Nothing is fused and one thread computes, so that a quantised file gives the same on every CPU.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [_run_stream(session, features) for features in streams]


def _run_stream(session, features):
    state = np.zeros(session.get_inputs()[1].shape, np.float32)
    logits = []
    for x in np.asarray(features, np.float32):
        out, state = session.run(["logits", "state_out"], {"features": x[None], "state": state})
        logits.append(out[0])
    return np.stack(logits)
