"""Reads TFLite files, and runs the graph in one over a stream with any interpreter.

Reading needs no TensorFlow, only the schema in the package tflite-micro.
"""

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np

from firmware.command import Failure


class TfliteUnavailable(Failure):
    """A Python package for TFLite is not installed."""


def require(package):
    """TfliteUnavailable unless a package is installed."""
    if importlib.util.find_spec(package) is None:
        raise TfliteUnavailable(f"TFLite needs the Python package {package}, which is not installed")


def schema():
    """The generated classes of the TFLite flatbuffer; <table>T is the object form of a table."""
    require("tflite_micro")
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated

    return schema_py_generated


def read(content):
    """The ModelT of a file's bytes."""
    return schema().ModelT.InitFromObj(schema().Model.GetRootAsModel(content, 0))


def dtype_of(tensor):
    """The numpy type of a TensorT."""
    types = schema().TensorType
    return {types.INT8: np.int8, types.INT16: np.int16, types.INT32: np.int32, types.INT64: np.int64}[tensor.type]


def array_of(file, tensor):
    """The values of a constant tensor."""
    return file.buffers[tensor.buffer].data.view(dtype_of(tensor)).reshape(tensor.shape)


def weight_codes(file):
    """The weight codes in a ModelT: {map name: int8 [rows, columns]}."""
    suffix = ".weights"
    return {
        tensor.name.decode().removesuffix(suffix): array_of(file, tensor)
        for tensor in file.subgraphs[0].tensors
        if tensor.name.decode().endswith(suffix)
    }


def weight_codes_of(path):
    """The weight codes in a file: {map name: int8 [rows, columns]}."""
    return weight_codes(read(Path(path).read_bytes()))


def operators_of(path):
    """{operator, by its name in the schema: occurrences}, sorted by name."""
    file = read(Path(path).read_bytes())
    names = {code: name for name, code in vars(schema().BuiltinOperator).items() if isinstance(code, int)}
    counts = Counter(
        names[file.operatorCodes[operator.opcodeIndex].builtinCode] for operator in file.subgraphs[0].operators
    )
    return dict(sorted(counts.items()))


def tensor_names(content):
    """[inputs, outputs] of a file's bytes, each a list of "name [shape]"."""
    graph = read(content).subgraphs[0]
    return [
        [f"{graph.tensors[index].name.decode()} {list(map(int, graph.tensors[index].shape))}" for index in indices]
        for indices in (graph.inputs, graph.outputs)
    ]


class StepGraph:
    """The graph in a file's bytes, run over streams.

    step: the interpreter as a function, [features, *states] -> [logits, *next states], all codes.
    """

    def __init__(self, content, step):
        graph = read(content).subgraphs[0]
        self._step = step
        self._features, *self._states = (graph.tensors[index] for index in graph.inputs)
        self._logits = graph.tensors[graph.outputs[0]]

    def run(self, features):
        """Logits float [hops, labels] of network input float [hops, bands].

        States start at zero and are carried as codes; a state has the same scale as input and as output.  States in
        variable tensors of the interpreter are not among them: the caller zeroes those first.
        """
        first = self._features
        bounds, scale = np.iinfo(dtype_of(first)), first.quantization.scale[0]
        codes = np.rint(np.asarray(features, np.float32) / scale) + first.quantization.zeroPoint[0]
        codes = np.clip(codes, bounds.min, bounds.max).astype(dtype_of(first))
        states = [np.full(state.shape, state.quantization.zeroPoint[0], dtype_of(state)) for state in self._states]
        logits = []
        for x in codes:
            out, *states = self._step([x.reshape(first.shape), *states])
            logits.append(out.ravel().astype(np.int32) - self._logits.quantization.zeroPoint[0])
        return np.stack(logits) * self._logits.quantization.scale[0]
