"""The integers as C: kws_model.h and kws_model.c (struct kws_model of firmware/library/model.h).

    kws_model.h   the memory that the model needs, its sizes and operating points, and the id of the export
    kws_model.c   the constants; refuses to compile with another export's header

Every name has the recipe's in it, so that any number of models fit in one image.  The id is of the codes themselves,
whatever order kernels want them in, and the hash of the bytes; neither depends on where they were made, so the same
weights give the same everywhere.
"""

import hashlib
import struct
from dataclasses import astuple

import numpy as np

from export.c_layer import LAYER_BYTES, CLayer, aligned
from export.c_text import FORMAT
from firmware.frontend import FFT_POINTS
from firmware.generate import tables
from firmware.generate.c_source import identifier
from firmware.generate.fnv1a import fnv1a
from firmware.generate.mel_bands import (
    FRONTEND_BYTES,
    STREAM_BYTES,
    features_memory_codes,
    features_numbers,
    mel_codes,
)
from firmware.sensor import Sensor
from train.layers.rows import MATRICES

MODEL_BYTES, FEATURES_BYTES = 36, 24
"""struct kws_model and struct kws_features on a 32-bit core."""


class CModel:
    """A model as C: features, layers, the detector's rule and operating points, labels."""

    def __init__(self, integers, detector):
        self.model, self.detector = integers.model, detector
        self.name = identifier(self.model.recipe)
        model, formats = self.model, integers.model.formats()
        self.layers = [CLayer(name, layer, integers.rows[name], formats[name]) for name, layer in model.layers.items()]
        self.kinds = sorted({layer.kind for layer in self.layers})
        self.thresholds = np.array([point.thresholds for point in detector.points], "<u2")
        text = b"".join(label.encode() + b"\0" for label in model.labels)
        text += bytes(model.outputs - len(model.labels))  # a label without a text for each output that has none
        self.labels = text.ljust(len(text) + -(len(text) + self.thresholds.nbytes) % 4, b"\0")
        self.memory_codes = sum(layer.sizes["memory_codes"] for layer in self.layers[:-1])
        self.scratch_words = self._scratch_words()

    def _scratch_words(self):
        """For the sums of a layer, beside the output of a short convolution before it."""
        outputs = [0, *(-(-layer.sizes["units"] // 2) if layer.output_in_scratch else 0 for layer in self.layers)]
        return max(layer.sums + output for layer, output in zip(self.layers, outputs, strict=False))

    def mel(self):
        """The arrays of its features, as the device has them."""
        rise, segment = mel_codes(self.model.frontend)
        return rise.astype("<u2"), segment.astype("u1")

    def arrays(self):
        """{name: array} of all that is in flash, in the library's order."""
        mel = dict(zip(("mel.rise", "mel.segment"), self.mel(), strict=True))
        layers = {f"{layer.name}.{field}": array for layer in self.layers for field, array in layer.arrays.items()}
        return {**mel, "thresholds": self.thresholds, "labels": np.frombuffer(self.labels, "u1"), **layers}

    def sha256(self):
        """Of all that logits and labels depend on: the detector may be calibrated anew without its changing."""
        kinds = [layer.kind for layer in self.layers]
        width = max(len(label.encode()) for label in self.model.labels) + 1
        labels = b"".join(label.encode().ljust(width, b"\0") for label in self.model.labels)
        layers = (layer.identity() for layer in self.layers)
        content = b"".join([*(array.tobytes() for array in self.mel()), *layers, labels])
        return hashlib.sha256(repr((self.model.frontend, kinds)).encode() + content).hexdigest()

    def export_id(self):
        """32 bits of all that is exported, and of how."""
        return hashlib.sha256(f"{self.sha256()} {self.detector} {FORMAT}".encode()).hexdigest()[:8]

    def array_bytes(self):
        """Of thresholds, labels and the arrays of the layers."""
        return self.thresholds.nbytes + len(self.labels) + sum(layer.flash_bytes() for layer in self.layers)

    def numbers(self):
        """The bytes of its struct kws_model behind the addresses."""
        counts = (len(self.kinds), len(self.layers), self.model.outputs, self.model.keywords, len(self.thresholds))
        return struct.pack("<IH8B", self.array_bytes(), self.memory_codes, *counts, *astuple(self.detector.rule))

    def numbers_hash(self):
        """The hash of the numbers that kws_init checks."""
        numbers = self.numbers() + features_numbers(self.model.frontend)
        begin = self.thresholds.nbytes + len(self.labels)
        for layer in self.layers:
            numbers += layer.numbers(self.kinds.index(layer.kind), begin)
            begin += layer.flash_bytes()
        return fnv1a(numbers)

    def array_hash(self, helium):
        """The one of mel bands, thresholds, labels and the layers' arrays, on cores with Helium or on others."""
        layers = (layer.arrays | layer.helium if helium else layer.arrays for layer in self.layers)
        arrays = (array.tobytes() for layer in layers for array in layer.values())
        padded = (array.ljust(aligned(len(array)), b"\0") for array in arrays)
        mel = (array.tobytes() for array in self.mel())
        return fnv1a(b"".join([*mel, self.thresholds.tobytes(), self.labels, *padded]))

    def gate_table_bytes(self):
        """Bytes of the library's tables that the layers look their gates up in."""
        names = set().union(*(layer.tables() for layer in self.model.layers.values()))
        return sum(2 * len(getattr(tables, f"{name}_codes")()) for name in names)

    def flash_bytes(self):
        """All that the model needs in flash but code and the front end's tables, which are every model's."""
        features = FEATURES_BYTES + sum(array.nbytes for array in self.mel())
        lists = 4 * len(self.kinds) + LAYER_BYTES * len(self.layers)
        return MODEL_BYTES + features + lists + self.array_bytes() + self.gate_table_bytes()

    def multiplications(self):
        """Of weights, a hop."""
        return sum(array.size for layer in self.layers for field, array in layer.arrays.items() if field in MATRICES)

    def frontend_scratch_words(self):
        """Of the front end's memory: the spectrum's, or the largest layer's."""
        return self.scratch_words if isinstance(self.model.frontend, Sensor) else max(FFT_POINTS, self.scratch_words)

    def ram_bytes(self):
        """Both structs on a 32-bit core: one stream's state, its front end and scratch, without the stack."""
        frontend = FRONTEND_BYTES + 2 * features_memory_codes(self.model.frontend) + 4 * self.frontend_scratch_words()
        stream = STREAM_BYTES + 2 * (2 * self.model.keywords + self.memory_codes + self.model.outputs)
        return frontend + -(-stream // 4) * 4
