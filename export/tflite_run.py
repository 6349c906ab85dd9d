"""Runs a TFLite file with TensorFlow's reference kernels, which compute the same on every CPU.

python -m export.tflite_run FILE streams.npz logits.npz       (the child process of `run_tflite`)
"""

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from export.tensorflow_process import run_in_tensorflow
from export.tflite_file import StepGraph


def run_tflite(path, streams):
    """Logits float [hops, labels] of each stream of network input float [hops, bands], each from a zero state."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "streams.npz", Path(folder) / "logits.npz"
        np.savez(given, *streams)
        run_in_tensorflow("export.tflite_run", Path(path).resolve(), given, found)
        with np.load(found) as logits:
            return [logits[f"arr_{index}"] for index in range(len(streams))]


def open_interpreter(content, optimised=False):
    """(interpreter of a file's bytes on one thread, its `step` for StepGraph).

    optimised: with TensorFlow Lite's default kernels, which depend on the CPU.
    """
    import tensorflow as tf

    resolvers = tf.lite.experimental.OpResolverType
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(
            model_content=content,
            num_threads=1,
            experimental_op_resolver_type=resolvers.AUTO if optimised else resolvers.BUILTIN_REF,
        )
    interpreter.allocate_tensors()
    inputs = [details["index"] for details in interpreter.get_input_details()]
    outputs = [details["index"] for details in interpreter.get_output_details()]

    def step(values):
        for index, value in zip(inputs, values, strict=True):
            interpreter.set_tensor(index, value)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in outputs]

    return interpreter, step


def run_here(path, features):
    """Logits of one stream, computed in this process."""
    content = Path(path).read_bytes()
    return StepGraph(content, open_interpreter(content)[1]).run(features)


def main(path, given, found):
    with np.load(given) as streams:
        np.savez(found, *(run_here(path, streams[name]) for name in streams.files))


if __name__ == "__main__":
    main(*sys.argv[1:])
