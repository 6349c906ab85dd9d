"""A recording as ESPHome hears it: the front end itself, and the written graph in TFLite Micro, on this machine."""

import importlib.util

import numpy as np

from export.tflite_file import read
from export.tflm import open_micro
from firmware.command import Failure
from firmware.frontend import FRAME_SAMPLES
from train.micro import BANDS, FRAME_STEP_SAMPLES, code_of_value

VALUE_SCALE = 25.6
"""pymicro-features gives the front end's whole numbers divided by this."""


def require_front_end():
    """Failure unless the package with the front end is installed."""
    if importlib.util.find_spec("pymicro_features") is None:
        raise Failure("pymicro-features, ESPHome's front end, is not installed; `make setup WITH=esphome` installs it")


class FrontEnd:
    """One stream through the front end, from power-up; frame j ends at sample 160 (j + 1)."""

    def __init__(self):
        require_front_end()
        from pymicro_features import MicroFrontend  # of an optional package

        self._front_end = MicroFrontend()
        self._waiting = np.zeros(FRAME_SAMPLES - FRAME_STEP_SAMPLES, np.int16)

    def hear(self, pcm):
        """Features int8 [frames, BANDS] of the frames that PCM int16 [samples] completes."""
        heard = np.concatenate([self._waiting, pcm])
        whole = len(heard) // FRAME_STEP_SAMPLES * FRAME_STEP_SAMPLES
        self._waiting, values = heard[whole:], []
        for piece in heard[:whole].reshape(-1, FRAME_STEP_SAMPLES):
            if frame := self._front_end.process_samples(piece.tobytes()).features:
                values.append(frame)
        return code_of_value(np.rint(np.array(values, float).reshape(-1, BANDS) * VALUE_SCALE))


def features_of(pcm):
    """Features int8 [frames, BANDS] of PCM int16 [samples], from power-up."""
    return FrontEnd().hear(pcm)


class MicroGraph:
    """One stream through the bytes of a streaming graph in TFLite Micro."""

    def __init__(self, content):
        self._interpreter = open_micro(content)
        self.stride = int(read(content).subgraphs[0].tensors[read(content).subgraphs[0].inputs[0]].shape[1])

    def hear(self, features):
        """Probabilities uint8 [hops] of features int8 [frames, 40]; frames after the last whole hop are not heard."""
        hops, found = len(features) // self.stride, []
        for hop in features[: hops * self.stride].reshape(hops, 1, self.stride, -1):
            self._interpreter.set_input(hop, 0)
            self._interpreter.invoke()
            found.append(self._interpreter.get_output(0).item())
        return np.array(found, np.uint8)
