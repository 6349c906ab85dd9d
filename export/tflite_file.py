"""TFLite files as they are: read, looked into, and run with the state carried on.

Reading needs only the schema that tflite-micro carries; run_tflite needs tensorflow.
"""

import importlib.util
import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
}
"""What tensorflow is started with: the kernels that are the same on every CPU, one thread, few messages."""


class TfliteUnavailable(RuntimeError):
    """A package that TFLite needs is not installed."""


def require(package):
    if importlib.util.find_spec(package) is None:
        raise TfliteUnavailable(f"TFLite needs the Python package {package}, which is not installed")


def schema():
    """The generated classes of the flatbuffer, from tflite-micro: the object form of a table is its name and T."""
    require("tflite_micro")
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated

    return schema_py_generated


def read(content):
    """The ModelT in a file's bytes."""
    return schema().ModelT.InitFromObj(schema().Model.GetRootAsModel(content, 0))


def dtype_of(tensor):
    types = schema().TensorType
    return {types.INT8: np.int8, types.INT16: np.int16, types.INT32: np.int32, types.INT64: np.int64}[tensor.type]


def array_of(file, tensor):
    """The contents of a constant tensor."""
    return file.buffers[tensor.buffer].data.view(dtype_of(tensor)).reshape(tensor.shape)


def weight_codes(file):
    suffix = ".weights"
    return {
        tensor.name.decode().removesuffix(suffix): array_of(file, tensor)
        for tensor in file.subgraphs[0].tensors
        if tensor.name.decode().endswith(suffix)
    }


def weight_codes_of(path):
    """The weights of a file as it holds them: {map name: int8 [rows, columns]}."""
    return weight_codes(read(Path(path).read_bytes()))


def operators_of(path):
    """How often each operator occurs: {name in the schema: count}, sorted by name."""
    file = read(Path(path).read_bytes())
    names = {code: name for name, code in vars(schema().BuiltinOperator).items() if isinstance(code, int)}
    counts = Counter(
        names[file.operatorCodes[operator.opcodeIndex].builtinCode] for operator in file.subgraphs[0].operators
    )
    return dict(sorted(counts.items()))


def run_stream(content, step, features):
    """Logits float [hops, labels] of network input float [hops, bands] through an interpreter of the file `content`.

    step(feature codes [1, bands], state codes [1, units]) -> logits codes, next state codes; the state is carried
    from zero as codes, which state_out and state share.
    """
    graph = read(content).subgraphs[0]
    features_in, state_in, logits_out = (graph.tensors[index] for index in (*graph.inputs, graph.outputs[0]))
    bounds, scale = np.iinfo(dtype_of(features_in)), features_in.quantization.scale[0]
    codes = np.rint(np.asarray(features, np.float32) / scale) + features_in.quantization.zeroPoint[0]
    codes = np.clip(codes, bounds.min, bounds.max).astype(dtype_of(features_in))
    state = np.full(state_in.shape, state_in.quantization.zeroPoint[0], dtype_of(state_in))
    logits = []
    for x in codes:
        out, state = step(x[None], state)
        logits.append(out[0].astype(np.int32) - logits_out.quantization.zeroPoint[0])
    return np.stack(logits) * logits_out.quantization.scale[0]


def run_tflite(path, features):
    """Logits float [hops, labels] of network input float [hops, bands] in TensorFlow's reference kernels."""
    require("tensorflow")
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import tensorflow as tf

    content = Path(path).read_bytes()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(
            model_content=content,
            num_threads=1,
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
        )
    interpreter.allocate_tensors()
    inputs = [details["index"] for details in interpreter.get_input_details()]
    outputs = [details["index"] for details in interpreter.get_output_details()]

    def step(x, state):
        interpreter.set_tensor(inputs[0], x)
        interpreter.set_tensor(inputs[1], state)
        interpreter.invoke()
        return interpreter.get_tensor(outputs[0]), interpreter.get_tensor(outputs[1])

    return run_stream(content, step, features)
