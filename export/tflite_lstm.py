"""One LSTM and its classifier as TFLite's fused operator UNIDIRECTIONAL_SEQUENCE_LSTM, all in int8.

    python -m export.tflite_lstm weights.npz FILE       (the child process of `write_fused_lstm`)

Input: features int8 [1, 1, bands], one hop.  Output: logits int8 [1, 1, labels].  h and c are variable tensors of the
operator: the kernels of TFLite and TFLite Micro carry them from Invoke to Invoke.

Of the converter's numbers only the weight codes are kept, with one scale per matrix (per row in the classifier).  The
activation scales are replaced: the converter measures c only at the end of an Invoke, and carries the state from one
sample to the next, so only its first sample starts from a zero state.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from export.activation_codes import ActivationCodes
from export.tensorflow_process import run_in_tensorflow
from export.tflite_convert import converted
from export.tflite_file import read, schema
from export.tflite_graphs import ConversionFailed, packed
from firmware.files import write_whole
from train.layers import Dense
from train.layers.lstm import Lstm
from train.model import Model

FILE = "model.lstm.int8.tflite"

AS_KERAS = {"api_implements": "lstm_", "time_major": False, "go_backwards": False}
"""Attributes by which the converter recognises an LSTM function of Keras 2."""

INPUT_WEIGHTS, BIAS, H, C = 1, 12, 18, 19
"""Indices of the operator's inputs: the first of the four gates (i, f, g, o, as in torch) and the two states."""

HIDDEN = 4
"""Index of o tanh(c) among the operator's intermediates."""


def is_one_lstm(model):
    """Whether the model is one LSTM on the features and the classifier, and nothing else."""
    return [type(layer) for layer in model.layers.values()] == [Lstm, Dense]


def convert_here(model):
    """The converter's file, as bytes, made in this process; its scales come from random inputs.

    The converter drops a bias of zeros and merges equal ones, so it gets random biases instead of the model's.
    """
    import tensorflow as tf

    random = np.random.default_rng(0)
    lstm, classifier = model.layers.values()
    weights = [array.reshape(-1, array.shape[2]).T for array in (lstm.input_weights, lstm.recurrent_weights)]
    biases = [random.uniform(0.5, 1, size).astype(np.float32) for size in (lstm.bias.size, classifier.units)]
    zeros = np.zeros((1, lstm.units), np.float32)

    @tf.function(autograph=False, experimental_attributes=AS_KERAS)
    def standard_lstm(x, h, c, input_weights, recurrent_weights, bias):
        """Only the signature matters, that of Keras 2: the converter replaces the body by its operator."""
        return h, h[:, None], h, c, tf.constant(1.0)

    @tf.function(input_signature=[tf.TensorSpec([1, 1, lstm.inputs], tf.float32, "features")])
    def step(x):
        h = standard_lstm(x, *map(tf.constant, (zeros, zeros, *weights, biases[0])))[1]
        return {"logits": tf.matmul(h, classifier.input_weights[0], transpose_b=True) + biases[1]}

    inputs = random.uniform(-1, 1, (8, 1, 1, lstm.inputs)).astype(np.float32)
    return converted(step, lambda: ({"features": x} for x in inputs), 8)


def with_known_scales(content, model, codes):
    """The converter's bytes with the model's biases and the scales of codes, ActivationCodes of 8 bits.

    c is int16 in the device's format and saturates there, instead of at the converter's clip of 10.
    """
    file = read(content)
    graph = file.subgraphs[0]
    fused, dense = _operators(file)
    (name, lstm), (_, classifier) = model.layers.items()

    def describe(index, scale, zero_point=0, values=None):
        """Set a tensor's scale (one, or one per row) and zero_point, and its values if it is a bias."""
        tensor, scale = graph.tensors[index], np.atleast_1d(np.asarray(scale, np.float32))
        tensor.quantization = schema().QuantizationParametersT(
            scale=scale, zeroPoint=np.full(len(scale), zero_point, np.int64)
        )
        if values is not None:
            rounded = np.rint(values / scale.astype(np.float64)).astype(np.int32)
            file.buffers[tensor.buffer].data = rounded.view(np.uint8)

    def unit(input_scale, weights):
        return input_scale * graph.tensors[weights].quantization.scale

    input_scale, input_zero = codes.scale_and_zero_point("features", None)
    describe(graph.inputs[0], input_scale, input_zero)
    h_scale, _ = codes.scale_and_zero_point(f"{name}_h", None)
    for index in (fused.inputs[H], fused.intermediates[HIDDEN], fused.outputs[0]):
        describe(index, h_scale)
    describe(fused.inputs[C], 2.0**-lstm.fraction)
    fused.builtinOptions.cellClip = 2.0 ** (15 - lstm.fraction)
    for gate, bias in enumerate(lstm.bias):
        describe(fused.inputs[BIAS + gate], unit(input_scale, fused.inputs[INPUT_WEIGHTS + gate]), values=bias)
    describe(dense.inputs[2], unit(h_scale, dense.inputs[1]), values=classifier.bias[0])
    describe(dense.outputs[0], *codes.scale_and_zero_point("logits", "Gemm"))
    file.metadata, file.buffers = None, file.buffers[: 1 + max(tensor.buffer for tensor in graph.tensors)]
    return packed(file)


def _operators(file):
    """(LSTM, classifier) operators; ConversionFailed for any other operators, or unless each gate has its own bias."""
    kinds, graph = schema().BuiltinOperator, file.subgraphs[0]
    found = [file.operatorCodes[operator.opcodeIndex].builtinCode for operator in graph.operators]
    if found != [kinds.UNIDIRECTIONAL_SEQUENCE_LSTM, kinds.FULLY_CONNECTED]:
        raise ConversionFailed(f"the converted file has operators {found}, expected one fused LSTM and a classifier")
    fused, dense = graph.operators
    biases = [*fused.inputs[BIAS : BIAS + 4], dense.inputs[2]]
    if min(biases) < 0 or len({graph.tensors[index].buffer for index in biases}) < len(biases):
        raise ConversionFailed("the converted file lacks a bias, or two share a buffer")
    return fused, dense


def write_fused_lstm(path, model, ranges):
    """Write the fused file of a model that is_one_lstm; equal model and ranges give equal bytes.

    ranges: {activation name: (low, high)}.  TfliteUnavailable without TensorFlow or tflite-micro, TensorflowFailed when
    the converter crashes or exceeds its time limit, ConversionFailed when its file has other operators.
    """
    schema()
    with tempfile.TemporaryDirectory() as folder:
        weights, made = Path(folder) / "weights.npz", Path(folder) / FILE
        model.save(weights)
        run_in_tensorflow("export.tflite_lstm", weights, made)
        write_whole(path, with_known_scales(made.read_bytes(), model, ActivationCodes.of_model(8, model, ranges)))


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(convert_here(Model.load(sys.argv[1])))
