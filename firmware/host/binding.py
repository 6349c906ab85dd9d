"""The C library called from Python: the very sources that ship, built for this machine.

FrontendC computes features for training; SpotterC runs an exported model from PCM to detections.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import cffi
import numpy as np

from firmware.compile.shared_object import build_host_frontend, build_host_spotter
from firmware.files import write_whole
from firmware.generate.mel_bands import features_name, features_source
from firmware.model_json import read_model_json
from firmware.paths import HOST, build_folder

_ffi = cffi.FFI()
for _header in ("features.h", "spotter.h"):
    _ffi.cdef((HOST / _header).read_text())
_ffi.cdef(
    "uint32_t kws_log2(uint64_t value); int32_t kws_log_code(uint64_t energy);"
    "void kws_posteriors(const int16_t *logits, int labels, uint16_t *posteriors);"
)


def _pointer(array, kind):
    return _ffi.cast(kind, _ffi.from_buffer(array))


class _Memory:
    """Zeroed memory for a C struct whose size only the library knows."""

    def __init__(self, kind, size):
        self._owner = _ffi.new("int64_t[]", -(-size // 8))
        self.pointer = _ffi.cast(kind, self._owner)


def _whole_hops(pcm, hop_samples):
    """PCM as contiguous int16 [samples] and how many whole hops it holds."""
    pcm = np.asarray(pcm)
    if pcm.dtype != np.int16 or pcm.ndim != 1:
        raise ValueError(f"PCM must be int16 of one dimension, not {pcm.dtype} {list(pcm.shape)}")
    return np.ascontiguousarray(pcm), len(pcm) // hop_samples


class FrontendC:
    """One stream through the C front end of a description, without its gate: it hears every hop."""

    def __init__(self, frontend):
        self.frontend = frontend.always_awake
        self.library = _frontend_library(self.frontend)
        self._memory = _Memory("struct kws_frontend *", self.library.host_frontend_bytes())
        self.reset()

    def reset(self):
        self.library.host_frontend_begin(self._memory.pointer)

    def features(self, pcm):
        """Codes int8 [hops, bands] of PCM int16 [samples]; samples after the last whole hop are not heard."""
        pcm, hops = _whole_hops(pcm, self.frontend.hop_samples)
        codes = np.empty((hops, self.frontend.bands), np.int16)
        self.library.host_features(self._memory.pointer, _pointer(pcm, "int16_t *"), hops, _pointer(codes, "int16_t *"))
        return codes.astype(np.int8)


@functools.cache
def _frontend_library(frontend):
    name = features_name(frontend)
    text = (
        f'#include "model.h"\n\n{features_source(frontend)}\n'
        f"extern const struct kws_features *const host_definition;\n"
        f"const struct kws_features *const host_definition = &{name};\n"
    )
    definition = build_folder() / "host" / f"{name}.c"
    if not definition.exists() or definition.read_text() != text:
        write_whole(definition, text)
    return _ffi.dlopen(str(build_host_frontend(definition)))


CERTAIN = 32768
"""A posterior or a threshold of 1, UQ1.15."""

UNIT = {"keywords": CERTAIN, "anomaly": 4096}
"""A threshold of 1 of each task: of a posterior, UQ1.15, or of a score, UQ4.12."""

NOTHING = 255
"""In place of a label where nothing was detected."""


@dataclass
class Trace:
    """What a spotter left behind at each hop."""

    memory: np.ndarray  # int16 [hops, codes]: features, what each layer keeps, logits
    smoothed: np.ndarray  # uint16 [hops, keywords], UQ1.15
    detected: np.ndarray  # uint8 [hops]: a label, or NOTHING
    awake: np.ndarray  # bool [hops]: whether the model heard it; where not, smoothed is zero
    bands: int
    outputs: int

    @property
    def codes(self):
        """Features int8 [hops, bands]."""
        return self.memory[:, : self.bands].astype(np.int8)

    @property
    def logits(self):
        """int16 [hops, outputs], Q5.10."""
        return self.memory[:, -self.outputs :]


class SpotterC:
    """One stream through the C library with the exported model in a folder."""

    def __init__(self, folder):
        folder = Path(folder)
        self.model = read_model_json(folder)
        self.frontend = self.model.frontend
        self.labels = self.model.labels
        self.library = _ffi.dlopen(str(build_host_spotter(folder)))
        self.memory_codes = self.library.host_memory_codes()
        self._memory = _Memory("struct host_spotter *", self.library.host_bytes())
        if self.library.host_init(self._memory.pointer):
            raise ValueError(f"{folder}/kws_model.c: damaged, its hash does not match; export it again")
        self._require_same_export(folder)

    def _require_same_export(self, folder):
        """ValueError where model.json does not describe the C beside it: every buffer here is sized by it."""
        built = self.library.host_model()
        labels = (self.library.host_label(self._memory.pointer, label) for label in range(built.labels))
        labels = tuple(_ffi.string(label).decode() for label in labels)[: len(self.labels)]
        model, front = self.model, self.frontend
        described = (model.model_id, front.hop_samples, front.bands, model.outputs, model.labels, model.keywords)
        if described != (
            f"{built.id:08x}",
            built.hop_samples,
            built.bands,
            built.labels,
            labels,
            built.keywords,
        ) or built.points != len(model.operating_points):
            raise ValueError(
                f"{folder}: model.json (id {model.model_id}) does not describe kws_model.c (id {built.id:08x}): export the "
                "model again, or take both from the same export"
            )

    def reset(self):
        self.library.host_reset(self._memory.pointer)

    @property
    def thresholds(self):
        """In force: uint16 [keywords], UQ1.15."""
        labels = range(self.model.keywords)
        return np.array([self.library.host_threshold(self._memory.pointer, label) for label in labels], np.uint16)

    def set_operating_point(self, name):
        """Put one of the model's operating points in force; ValueError where it has none of this name."""
        names = [point.name for point in self.model.operating_points]
        if name not in names:
            raise ValueError(f"operating point '{name}': the model has {', '.join(names)}")
        self.library.host_set_operating_point(self._memory.pointer, names.index(name))

    def set_threshold(self, word, threshold):
        """Put a keyword's threshold in force, UQ1.15; ValueError where the model has no such keyword."""
        words = self.model.words
        if word not in words:
            raise ValueError(f"threshold of '{word}': the model's keywords are {', '.join(words)}")
        self.library.host_set_threshold(self._memory.pointer, words.index(word), threshold)

    def set_thresholds(self, thresholds):
        """Put a threshold for each keyword in force, UQ1.15."""
        for word, threshold in zip(self.model.words, thresholds, strict=True):
            self.set_threshold(word, threshold)

    def hear(self, pcm, spoken=None):
        """Run PCM int16 [samples] through the stream, hop by hop; returns a Trace of its whole hops.

        spoken: bool [hops], the voice that gates the model, or None.
        """
        pcm, hops = _whole_hops(pcm, self.frontend.hop_samples)
        trace = Trace(
            np.empty((hops, self.memory_codes), np.int16),
            np.empty((hops, self.model.keywords), np.uint16),
            np.empty(hops, np.uint8),
            np.empty(hops, bool),
            self.frontend.bands,
            self.model.outputs,
        )
        pointers = _ffi.new(
            "struct host_trace *",
            [
                _pointer(trace.memory, "int16_t *"),
                _pointer(trace.smoothed, "uint16_t *"),
                _pointer(trace.detected, "uint8_t *"),
                _pointer(trace.awake, "uint8_t *"),
            ],
        )
        heard = _pointer(pcm, "int16_t *")
        if spoken is None:
            self.library.host_hear(self._memory.pointer, heard, hops, pointers)
        else:
            spoken = np.ascontiguousarray(spoken[:hops], bool)
            self.library.host_hear_gated(self._memory.pointer, heard, _pointer(spoken, "uint8_t *"), hops, pointers)
        return trace

    def stream(self, codes):
        """Logits int16 [hops, labels] of features int8 [hops, bands]; the network alone, its memory carried on."""
        codes = np.ascontiguousarray(codes, np.int16)
        logits = np.empty((len(codes), self.model.outputs), np.int16)
        self.library.host_stream(
            self._memory.pointer, _pointer(codes, "int16_t *"), len(codes), _pointer(logits, "int16_t *")
        )
        return logits

    def detect(self, logits, awake=None):
        """The label detected at each hop, uint8 [hops], at the thresholds in force; logits int16 [hops, labels], Q5.10.

        awake: bool [hops], whether the front end heard it; by default it heard all.
        """
        logits = np.ascontiguousarray(logits, np.int16)
        heard = np.ones(len(logits), bool) if awake is None else np.ascontiguousarray(awake, bool)
        detected = np.empty(len(logits), np.uint8)
        self.library.host_detect(
            self._memory.pointer,
            _pointer(logits, "int16_t *"),
            _pointer(heard, "uint8_t *"),
            len(logits),
            _pointer(detected, "uint8_t *"),
        )
        return detected

    def memory(self):
        """What the network keeps now: int16 [codes]."""
        memory = np.empty(self.memory_codes, np.int16)
        self.library.host_memory(self._memory.pointer, _pointer(memory, "int16_t *"))
        return memory

    def step(self, memory):
        """The memory int16 [steps, codes] after one step of the network from each of the memories given, unrelated."""
        memory = np.array(memory, np.int16)
        self.library.host_step(self._memory.pointer, _pointer(memory, "int16_t *"), len(memory))
        return memory
