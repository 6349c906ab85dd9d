"""One hop of a model as TFLite: int8 weights with int16 (16x8) or int8 activations.

TensorFlow's converter makes the files (tflite_convert.py), and only their operators are kept.  Model.step is then run
with StepInFile, which finds each operation of the hop among the file's operators, names the tensors, and replaces the
converter's numbers by the device's: int8 weight codes with row scales, and the activation scales of the ONNX files.
A file that lacks an operation, or has one too many, is refused.
"""

from pathlib import Path

import numpy as np

from export.activation_codes import ActivationCodes
from export.tensorflow_process import LIMIT_SECONDS
from export.tflite_convert import FILES, convert
from export.tflite_file import array_of, dtype_of, read, schema, weight_codes
from firmware.command import Failure
from firmware.files import write_whole


class ConversionFailed(Failure):
    """The converted file does not have exactly the operations of the hop."""


class StepInFile:
    """The operators of Model.step, each claiming one of the converted file's; a value is a tensor's index.

    file: ModelT; linear_maps: the float weights; integer_maps: their int8 codes and row scales; codes: ActivationCodes.
    """

    OPERATORS = {
        "Gemm": "FULLY_CONNECTED",
        "Sigmoid": "LOGISTIC",
        "Tanh": "TANH",
        "Add": "ADD",
        "Sub": "SUB",
        "Mul": "MUL",
        "Concat": "CONCATENATION",
        "Slice": "STRIDED_SLICE",
    }

    def __init__(self, file, linear_maps, integer_maps, codes):
        self.file, self.graph = file, file.subgraphs[0]
        self.linear_maps, self.integer_maps, self.codes = linear_maps, integer_maps, codes
        self._drop_requantizing()
        self.unclaimed = list(self.graph.operators)

    def _drop_requantizing(self):
        """Remove the converter's QUANTIZE operators, between scales that are equal here."""
        kept, source_of = [], {}
        for operator in self.graph.operators:
            operator.inputs = np.array([source_of.get(index, index) for index in operator.inputs], np.int32)
            if self.file.operatorCodes[operator.opcodeIndex].builtinCode == schema().BuiltinOperator.QUANTIZE:
                source_of[operator.outputs[0]] = operator.inputs[0]
            else:
                kept.append(operator)
        self.graph.operators = kept

    def input(self, name):
        tensors = {signature.name.decode(): signature.tensorIndex for signature in self.file.signatureDefs[0].inputs}
        self._describe(tensors[name], name, *self.codes.scale_and_zero_point(name, None))
        return tensors[name]

    def linear(self, name, x):
        operator = self._claim("Gemm", name, [x], self._holds)
        _, weights, bias = operator.inputs
        weight_codes, scale = self.integer_maps[name]
        self._describe(weights, f"{name}.weights", scale, 0, weight_codes)
        if bias >= 0:  # the converter drops a bias of zeros
            unit = scale * self.graph.tensors[x].quantization.scale[0]
            self._describe(bias, f"{name}.bias", unit, 0, np.rint(self.linear_maps[name][1] / unit))
        return operator.outputs[0]

    def sigmoid(self, name, x):
        return self._claim("Sigmoid", name, [x]).outputs[0]

    def tanh(self, name, x):
        return self._claim("Tanh", name, [x]).outputs[0]

    def add(self, name, a, b):
        return self._claim("Add", name, [a, b]).outputs[0]

    def subtract(self, name, a, b):
        return self._claim("Sub", name, [a, b]).outputs[0]

    def multiply(self, name, a, b):
        return self._claim("Mul", name, [a, b]).outputs[0]

    def add_saturated(self, name, a, b, limit):
        return self.add(name, a, b)

    def join(self, name, a, b):
        return self._claim("Concat", name, [a, b]).outputs[0]

    def part(self, name, x, begin, end):
        def cuts(operator, name):
            bounds = [int(array_of(self.file, self.graph.tensors[index])[1]) for index in operator.inputs[1:3]]
            return bounds == [begin, end]

        return self._claim("Slice", name, [x], cuts).outputs[0]

    def scale(self, name, x):
        operator = self._claim("Mul", name, [x], self._multiplies)
        codes, scale = self.integer_maps[name]
        self._describe(operator.inputs[1], f"{name}.weights", scale, 0, codes)
        return operator.outputs[0]

    def _multiplies(self, operator, name):
        """Whether the operator's second input is the weights `name`, within the converter's rounding."""
        tensor = self.graph.tensors[operator.inputs[1]]
        if self.file.buffers[tensor.buffer].data is None:
            return False
        wanted = self.linear_maps[name][0]
        found = (array_of(self.file, tensor) - tensor.quantization.zeroPoint[0]) * tensor.quantization.scale[0]
        return found.size == wanted.size and np.abs(found.ravel() - wanted).max() <= tensor.quantization.scale[0]

    def _claim(self, operator_type, name, inputs, fits=lambda operator, name: True):
        kind = getattr(schema().BuiltinOperator, self.OPERATORS[operator_type])
        for operator in self.unclaimed:
            found = self.file.operatorCodes[operator.opcodeIndex].builtinCode, list(operator.inputs[: len(inputs)])
            if found == (kind, inputs) and fits(operator, name):
                self.unclaimed.remove(operator)
                self._describe(operator.outputs[0], name, *self.codes.scale_and_zero_point(name, operator_type))
                return operator
        raise ConversionFailed(f"the converted file lacks {name} ({self.OPERATORS[operator_type]}) of the hop")

    def _holds(self, operator, name):
        """Whether the operator's weights are those of the map `name`, within the converter's rounding."""
        tensor = self.graph.tensors[operator.inputs[1]]
        codes, scale = self.integer_maps[name]
        if tuple(tensor.shape) != codes.shape:
            return False
        found_scale = tensor.quantization.scale.astype(np.float64)[:, None]
        difference = array_of(self.file, tensor) * found_scale - codes * scale[:, None]
        return bool((np.abs(difference) <= 0.501 * (found_scale + scale[:, None])).all())

    def _describe(self, index, name, scale, zero_point, codes=None):
        """Set a tensor's name, scale (one, or one per row) and zero_point, and its values if it is a constant."""
        tensor, scale = self.graph.tensors[index], np.atleast_1d(np.asarray(scale, np.float32))
        tensor.name = name
        tensor.quantization = schema().QuantizationParametersT(
            scale=scale, zeroPoint=np.full(len(scale), zero_point, np.int64)
        )
        if codes is not None:
            content = np.ascontiguousarray(codes.astype(dtype_of(tensor)))
            self.file.buffers[tensor.buffer].data = content.view(np.uint8).reshape(-1)


def with_device_codes(converted, model, integers, codes):
    """The converter's bytes with the device's codes, scales and names; inputs and outputs in the order of Model.step."""
    file = read(converted)
    step = StepInFile(file, model.linear_maps(), integers.linear_maps(), codes)
    features, *states = [step.input(name) for name in ("features", *(state.name for state in model.states()))]
    logits, following = model.step(step, features, states)
    if step.unclaimed:
        raise ConversionFailed(f"the converted file has {len(step.unclaimed)} operators that are not in the hop")
    graph = file.subgraphs[0]
    graph.inputs = np.array([features, *states], np.int32)
    graph.outputs = np.array([logits, *following], np.int32)
    file.metadata, file.buffers = None, file.buffers[: 1 + max(tensor.buffer for tensor in graph.tensors)]
    return packed(file)


def packed(file):
    """A ModelT as bytes, each constant at a multiple of 16, so that kernels read int32 and int64 in place."""
    import flatbuffers

    class Aligned(schema().BufferT):
        def Pack(self, builder):
            if self.data is not None:
                builder.Prep(16, len(self.data))
            return super().Pack(builder)

    file.buffers = [Aligned(data=buffer.data) for buffer in file.buffers]
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(file.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def write_tflite_graphs(folder, model, integers, ranges, limit_seconds=LIMIT_SECONDS):
    """Write model.16x8.tflite and model.int8.tflite, both or neither; equal model, ranges and converter give equal bytes.

    ranges: {activation name: (low, high)}.  TfliteUnavailable without TensorFlow or tflite-micro, TensorflowFailed when
    the converter crashes or exceeds its time limit, ConversionFailed when its file has other operations than the hop.
    """
    schema()
    files = {}
    for bits, converted in convert(model, limit_seconds).items():
        files[bits] = with_device_codes(converted, model, integers, ActivationCodes.of_model(bits, model, ranges))
        found = weight_codes(read(files[bits]))
        for name, (codes, _) in integers.linear_maps().items():
            held = [found[name]] if name in found else found.values()  # the converter keeps one of equal constants
            if not any(np.array_equal(constant, codes) for constant in held):
                raise ConversionFailed(f"{FILES[bits]}: the weights of {name}, read back, differ from those written")
    for bits, content in files.items():
        write_whole(Path(folder) / FILES[bits], content)
