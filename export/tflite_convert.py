"""Converts one hop of a model with TensorFlow's converter.

    python -m export.tflite_convert weights.npz FOLDER       (the child process of `convert`)

Only the operators of the converted file are used: export/tflite_graphs.py replaces every number.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from export.tensorflow_process import run_in_tensorflow
from train.layers.ops import TensorOps
from train.model import Model

FILES = {16: "model.16x8.tflite", 8: "model.int8.tflite"}
"""File name by bits per activation."""


class TensorflowOps(TensorOps):
    """The operators of Model.step in TensorFlow."""

    def __init__(self, tensorflow, linear_maps):
        self.tensorflow, self.linear_maps = tensorflow, linear_maps

    def linear(self, name, x):
        weights, bias = (self.tensorflow.constant(array, self.tensorflow.float32) for array in self.linear_maps[name])
        return self.tensorflow.matmul(x, weights, transpose_b=True) + bias

    def sigmoid(self, name, x):
        return self.tensorflow.sigmoid(x)

    def tanh(self, name, x):
        return self.tensorflow.tanh(x)

    def add_saturated(self, name, a, b, limit):
        return a + b  # its codes saturate where the device's do

    def join(self, name, a, b):
        return self.tensorflow.concat([a, b], 1)

    def scale(self, name, x):
        return x * self.tensorflow.constant(self.linear_maps[name][0], self.tensorflow.float32)


def converted(step, representative_inputs, bits):
    """The converter's file, as bytes, of a tf.function with an input_signature, with 16 or 8 bits per activation.

    representative_inputs() yields {input name: array}.
    """
    import tensorflow as tf

    keeper = tf.Module()
    keeper.step = step
    converter = tf.lite.TFLiteConverter.from_concrete_functions([step.get_concrete_function()], keeper)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative_inputs
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS_INT8
        if bits == 8
        else tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    ]
    converter.inference_input_type = converter.inference_output_type = tf.int8 if bits == 8 else tf.int16
    return converter.convert()


def convert_here(model, bits):
    """The converter's file, as bytes, made in this process; its scales come from random inputs and are replaced later."""
    import tensorflow as tf

    def representative_inputs():
        random = np.random.default_rng(0)
        for _ in range(8):
            codes = random.integers(-128, 128, (1, model.frontend.bands))
            states = {state.name: random.uniform(-1, 1, (1, state.size)).astype(np.float32) for state in model.states()}
            yield {"features": model.features.real(codes), **states}

    sizes = {"features": model.frontend.bands, **{state.name: state.size for state in model.states()}}

    @tf.function(input_signature=[tf.TensorSpec([1, size], tf.float32, name) for name, size in sizes.items()])
    def step(features, *states):
        logits, following = model.step(TensorflowOps(tf, model.linear_maps()), features, states)
        names = [f"{state.name}_out" for state in model.states()]
        return {"logits": logits, **dict(zip(names, following, strict=True))}

    return converted(step, representative_inputs, bits)


def convert(model, limit_seconds):
    """{bits: the converter's file as bytes}, made in a child process; errors as of run_in_tensorflow."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.npz"
        model.save(weights)
        run_in_tensorflow("export.tflite_convert", weights, folder, limit_seconds=limit_seconds)
        return {bits: (Path(folder) / name).read_bytes() for bits, name in FILES.items()}


if __name__ == "__main__":
    for width, file_name in FILES.items():
        Path(sys.argv[2], file_name).write_bytes(convert_here(Model.load(sys.argv[1]), width))
