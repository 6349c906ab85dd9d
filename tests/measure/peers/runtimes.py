"""The runtimes that one trained model is compared in, behind one door: open a file, stream hops, compute steps.

Each computes on one thread with the kernels that it takes by default on this machine, and is imported only when it is
loaded, so that what loading it costs can be told.  Features are given; nothing here hears PCM.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.integer_model import LOGIT_UNIT


class Jerboa:
    """The C library as the host's compiler makes it at -O2: portable C, no intrinsics."""

    package = "cffi"

    @staticmethod
    def load():
        import firmware.host.binding

        return firmware.host.binding

    def __init__(self, path, codes, _inputs):
        self.codes, self.spotter = codes, self.load().SpotterC(path)

    def stream(self, hops):
        """Logits float [hops, labels], the state carried from zero; a call from Python for every hop."""
        self.spotter.reset()
        return np.concatenate([self.spotter.stream(self.codes[hop : hop + 1]) for hop in range(hops)]) * LOGIT_UNIT

    def compute(self, hops):
        """Steps with the least of Python around them: all hops in one call, as a firmware's loop has it."""
        self.spotter.stream(self.codes[:hops])

    def working_bytes(self):
        """The size of both structs on this machine: state and scratch, the front end's and the detector's too."""
        return self.spotter.library.host_bytes()


class OnnxRuntime:
    """ONNX Runtime on the CPU with all its fusions."""

    package = "onnxruntime"

    @staticmethod
    def load():
        import onnxruntime

        return onnxruntime

    def __init__(self, path, _codes, inputs):
        from export.onnx_run import open_session, run_session

        value = self.load().OrtValue.ortvalue_from_numpy
        self.inputs, self.session, self._run = inputs, open_session(path, optimised=True), run_session
        self.binding = self.session.io_binding()
        features, *states = self.session.get_inputs()
        self.binding.bind_ortvalue_input(features.name, value(np.array(inputs[:1], np.float32)))
        for state in states:
            self.binding.bind_ortvalue_input(state.name, value(np.zeros(state.shape, np.float32)))
        for output in self.session.get_outputs():
            self.binding.bind_ortvalue_output(output.name, value(np.zeros(output.shape, np.float32)))

    def stream(self, hops):
        return self._run(self.session, self.inputs[:hops])

    def compute(self, hops):
        """Runs on inputs and outputs bound once."""
        for _ in range(hops):
            self.session.run_with_iobinding(self.binding)

    def working_bytes(self):
        return None


class TfliteMicro:
    """TFLite Micro's interpreter as PyPI's tflite-micro has it: the host's, with the reference kernels."""

    package = "tflite_micro"

    @staticmethod
    def load():
        from tflite_micro import runtime

        return runtime

    @staticmethod
    def open(content):
        from export.tflm import open_interpreter

        return open_interpreter(content)

    def __init__(self, path, _codes, inputs):
        from export.tflite_file import StepGraph

        self.load()
        content = Path(path).read_bytes()
        self.path, self.inputs = path, inputs
        self.interpreter, step = self.open(content)
        self.graph = StepGraph(content, step)

    def stream(self, hops):
        return self.graph.run(self.inputs[:hops])

    def compute(self, hops):
        """Invokes on the tensors as they are."""
        for _ in range(hops):
            self.interpreter.invoke()

    def working_bytes(self):
        """The smallest arena, with this machine's pointers."""
        from export.tflm import arena_bytes_of

        return arena_bytes_of(self.path)


class TfliteInterpreter(TfliteMicro):
    """TensorFlow Lite's (LiteRT's) interpreter with the delegate that it takes by default, out of tensorflow."""

    package = "tensorflow"

    @staticmethod
    def load():
        import tensorflow

        from export.tflite_file import schema

        schema()  # the file's reader, so that it does not count as the model's
        return tensorflow

    @staticmethod
    def open(content):
        from export.tflite_run import open_interpreter

        return open_interpreter(content, optimised=True)

    def working_bytes(self):
        return None


@dataclass(frozen=True)
class Peer:
    """A runtime with one of the exported files; `folder` is where `make export` wrote them."""

    name: str
    runtime: type
    file: str

    def missing(self, folder):
        """Why the peer cannot run, or None."""
        if importlib.util.find_spec(self.runtime.package) is None:
            return f"the Python package {self.runtime.package} is not installed"
        return None if (Path(folder) / self.file).exists() else f"there is no {self.file}"

    def open(self, folder, codes, inputs):
        """codes int8 and the network input that they stand for, float: [hops, bands]."""
        path = Path(folder) / self.file
        return self.runtime(path.parent if self.runtime is Jerboa else path, codes, inputs)


PEERS = (
    Peer("Jerboa", Jerboa, "firmware/kws_model.c"),
    Peer("ONNX Runtime", OnnxRuntime, "model.onnx"),
    Peer("ONNX Runtime", OnnxRuntime, "model.int16.onnx"),
    Peer("ONNX Runtime", OnnxRuntime, "model.int8.onnx"),
    Peer("TensorFlow Lite", TfliteInterpreter, "model.16x8.tflite"),
    Peer("TensorFlow Lite", TfliteInterpreter, "model.int8.tflite"),
    Peer("TFLite Micro", TfliteMicro, "model.16x8.tflite"),
    Peer("TFLite Micro", TfliteMicro, "model.int8.tflite"),
)
"""The first is what the others are compared with."""
