"""Runs TFLite files with TensorFlow's reference kernels, which compute the same on every CPU.

python -m export.tflite_run streams.npz FOLDER FILE...       (the child process of `run_tflite`)
"""

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from export.tensorflow_process import run_in_tensorflow
from export.tflite_file import StepGraph


def run_tflite(paths, streams):
    """Logits float [hops, labels] by each file of each stream of network input float [hops, bands], each from a zero state."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "streams.npz"
        np.savez(given, *streams)
        run_in_tensorflow("export.tflite_run", given, folder, *(Path(path).resolve() for path in paths))
        return [_read(Path(folder) / f"{place}.npz") for place in range(len(paths))]


def _read(path):
    """The arrays that np.savez(path, *arrays) wrote."""
    with np.load(path) as arrays:
        return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]


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


def main(given, folder, *paths):
    streams = _read(given)
    for place, path in enumerate(paths):
        content = Path(path).read_bytes()
        np.savez(
            Path(folder) / f"{place}.npz", *(StepGraph(content, open_interpreter(content)[1]).run(x) for x in streams)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
