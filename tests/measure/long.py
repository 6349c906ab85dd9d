"""A hundred hours of one stream through the C library against numpy: python -m tests.measure.long [--hours 100]

Two models share a front end.  At random hops the front end or a model is reset, or thresholds change; after each of its resets
the front end's counter of hops begins a little below 2^32 and wraps.  The C library hears all hours in one go.  numpy hears all
hops of every hour too, the hours side by side: each begins from the state that the C left at the end of the hour before, which
was compared by then.  Compared are the whole state at the end of each hour, the detection at every hop, and its time.
"""

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import cffi
import numpy as np

from calibration.detector import Detector, detect
from firmware.command import Failure, run_command
from firmware.compile.library import HOST_SOURCES
from firmware.compile.shared_object import build_host
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.generate.integers import posteriors
from firmware.host.binding import CERTAIN, NOTHING
from firmware.model_json import read_model_json
from firmware.paths import LIBRARY, MODELS, ROOT, build_folder
from train.model import Model

HOST = ROOT / "tests" / "host"
FOLDERS = MODELS / "commands-6k", MODELS / "commands-20k"
HOP_MS, BANDS = 20, 40
HOP_SAMPLES = SAMPLE_RATE_HZ * HOP_MS // 1000
HOUR_HOPS = 3600 * 1000 // HOP_MS
EVENTS_PER_HOUR = 40
BURST_SAMPLES = 1600
BLOCK_HOPS = 500
_ffi = cffi.FFI()
_ffi.cdef((HOST / "long_stream.h").read_text())


def noisy(random, samples):
    """PCM int16 [samples]: bursts of 0.1 s of noise, tones and silence, from the faintest to full scale."""
    pool = random.normal(size=2**18).astype(np.float32)
    bursts = samples // BURST_SAMPLES
    level = np.exp(random.uniform(0, np.log(60_000), bursts)) * (random.random(bursts) < 0.9)
    time = np.arange(BURST_SAMPLES, dtype=np.float32) / SAMPLE_RATE_HZ
    sound = pool[random.integers(0, len(pool) - BURST_SAMPLES, bursts)[:, None] + np.arange(BURST_SAMPLES)]
    tones = random.random(bursts) < 0.5
    sound[tones] = 1.5 * np.sin(2 * np.pi * random.uniform(50, 4000, (tones.sum(), 1)) * time)
    return np.rint(sound * level[:, None]).clip(-32768, 32767).astype(np.int16).ravel()


class Listener:
    """One model in numpy, and what happened to it."""

    def __init__(self, folder):
        about = read_model_json(folder)
        self.integers = Model.load(folder / "weights.npz").quantize()
        self.keywords, self.rule = about.keywords, Detector.of(about, about.words).rule
        self.memory_codes = self.integers.memory_codes()
        first = Detector.of(about, about.words).points[0].thresholds
        self.thresholds = {0: np.array(first, np.uint16)}  # by the hop at which they come into force
        self.resets = set()
        self.memories, self.smoothed = [], []  # of the C, at the end of each hour


@dataclass
class Heard:
    """What the C made of all hours."""

    codes: np.ndarray  # int8 [hops, bands], a file
    detected: np.ndarray  # uint8 [hops, models]
    times: list = field(default_factory=list)  # (hop, time_ms) of each detection
    front_resets: dict = field(default_factory=lambda: {0: 0})  # {hop: what the counter begins at}


class InC:
    """The stream in C."""

    def __init__(self):
        sources = [*(LIBRARY / name for name in HOST_SOURCES), *(folder / "kws_model.c" for folder in FOLDERS)]
        self.library = _ffi.dlopen(str(build_host([*sources, HOST / "long_stream.c"], [LIBRARY, MODELS, HOST])))
        self._owner = _ffi.new("int64_t[]", self.library.long_bytes() // 8 + 1)
        self.stream = _ffi.cast("struct long_stream *", self._owner)
        if self.library.long_begin(self.stream):
            raise Failure("a model that ships is damaged; restore it from git")

    def memory(self, model, listener):
        """(memory int16 [codes], smoothed uint16 [keywords]) of a model now."""
        memory = np.empty(listener.memory_codes, np.int16)
        smoothed = np.empty(listener.keywords, np.uint16)
        self.library.long_memory(
            self.stream,
            model,
            _ffi.cast("int16_t *", _ffi.from_buffer(memory)),
            _ffi.cast("uint16_t *", _ffi.from_buffer(smoothed)),
        )
        return memory, smoothed

    def hear(self, pcm):
        """(codes, detected, time_ms) of each hop."""
        hops = len(pcm) // HOP_SAMPLES
        codes, detected = np.empty((hops, BANDS), np.int8), np.empty((hops, len(FOLDERS)), np.uint8)
        time_ms = np.empty((hops, len(FOLDERS)), np.uint32)
        kinds = ("int8_t *", "uint8_t *", "uint32_t *")
        pointers = [
            _ffi.cast(kind, _ffi.from_buffer(array))
            for kind, array in zip(kinds, (codes, detected, time_ms), strict=True)
        ]
        trace = _ffi.new("struct long_trace *", pointers)
        self.library.long_hear(self.stream, _ffi.cast("int16_t *", _ffi.from_buffer(pcm)), hops, trace)
        return codes, detected, time_ms


def happen(random, in_c, listeners, heard, hop, longest):
    """One random event before a hop: a reset of the front end, of a model, or other thresholds of one.

    longest: hops until the front end's counter wraps after a reset.
    """
    model = int(random.integers(len(listeners)))
    listener = listeners[model]
    match random.integers(4):
        case 0:
            counted = int(2**32 - random.integers(1, longest))
            in_c.library.long_reset_front(in_c.stream, counted)
            heard.front_resets[hop] = counted
        case 1:
            in_c.library.long_reset(in_c.stream, model)
            listener.resets.add(hop)
        case _:
            thresholds = (np.exp(random.uniform(np.log(0.02), 0.1, listener.keywords)) * CERTAIN).astype(np.uint16)
            for label, threshold in enumerate(thresholds.tolist()):
                in_c.library.long_set_threshold(in_c.stream, model, label, threshold)
            listener.thresholds[hop] = thresholds


def hear_in_c(listeners, hours, hour_hops, folder):
    """The Heard of all hours, one after the other; the listeners keep what happened to them."""
    in_c = InC()
    hops = hours * hour_hops
    codes = np.lib.format.open_memmap(folder / "codes.npy", "w+", np.int8, (hops, BANDS))
    heard = Heard(codes, np.empty((hops, len(listeners)), np.uint8))
    for hour in range(hours):
        random = np.random.default_rng(hour)
        begin, pcm = hour * hour_hops, noisy(random, hour_hops * HOP_SAMPLES)
        marks = np.unique(np.append(random.integers(0, hour_hops, EVENTS_PER_HOUR), hour_hops))
        for first, end in zip([0, *marks[:-1].tolist()], marks.tolist(), strict=True):
            if first:
                happen(random, in_c, listeners, heard, begin + first, hour_hops // (EVENTS_PER_HOUR // 2))
            piece = slice(begin + first, begin + end)
            codes[piece], heard.detected[piece], times = in_c.hear(pcm[first * HOP_SAMPLES : end * HOP_SAMPLES])
            found = (heard.detected[piece] != NOTHING).nonzero()
            heard.times += zip((piece.start + found[0]).tolist(), times[found].tolist(), strict=True)
        for model, listener in enumerate(listeners):
            memory, smoothed = in_c.memory(model, listener)
            listener.memories.append(memory)
            listener.smoothed.append(smoothed)
    return heard


def hear_in_numpy(listener, codes):
    """(memory [hours, codes], smoothed uint16 [hours, hops, keywords]) of codes int8 [hours, hops, bands], side by side."""
    integers, (hours, hour_hops, _) = listener.integers, codes.shape
    new = integers.zero_states(hours)
    begins = integers.unpack(np.stack(listener.memories[:-1]))[1] if hours > 1 else [state[:0] for state in new]
    states = [np.concatenate([state[:1], begin]) for state, begin in zip(new, begins, strict=True)]
    now = np.concatenate([[np.zeros(listener.keywords)], *[[value] for value in listener.smoothed[:-1]]]).astype(int)
    smoothed = np.empty((hours, hour_hops, listener.keywords), np.uint16)
    for hop in range(hour_hops):
        if hop % BLOCK_HOPS == 0:
            block = np.ascontiguousarray(codes[:, hop : hop + BLOCK_HOPS].transpose(1, 0, 2))
        for hour in (hour for hour in range(hours) if hour * hour_hops + hop in listener.resets):
            for state, begin in zip(states, new, strict=True):
                state[hour] = begin[hour]
            now[hour] = 0
        logits, states, memory = integers.step(block[hop % BLOCK_HOPS], states)
        now += posteriors(logits)[:, : listener.keywords] - now >> listener.rule.smoothing_shift
        smoothed[:, hop] = now
    return memory, smoothed


def detections(listener, smoothed):
    """uint8 [hops]: the labels that numpy detects in smoothed posteriors uint16 [hops, keywords], reset by reset."""
    hops, marks = len(smoothed), sorted(listener.thresholds)
    found = []
    ends = sorted(listener.resets | {hops})
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        in_force = np.searchsorted(marks, np.arange(begin, end), side="right") - 1
        thresholds = np.stack([listener.thresholds[mark] for mark in marks])[in_force]
        found.append(detect(smoothed[begin:end], thresholds, listener.rule))
    return np.concatenate(found)


def wanted_times(heard):
    """(hop, time_ms) of each detection, by the counter's value at the reset before it."""
    resets = np.array(sorted(heard.front_resets))
    for hop, _ in heard.times:
        reset = int(resets[np.searchsorted(resets, hop, side="right") - 1])
        counted = (heard.front_resets[reset] + hop - reset + 1) % 2**32
        yield hop, counted * HOP_MS % 2**32


def wraps(heard, hops):
    """How often the counter of hops passed 2^32."""
    ends = [*sorted(heard.front_resets), hops]
    pairs = zip(ends[:-1], ends[1:], strict=True)
    return sum(heard.front_resets[begin] + end - begin >= 2**32 for begin, end in pairs)


def compare(hours, hour_hops=HOUR_HOPS, say=lambda text: None):
    """Lines that tell what was compared; Failure with the first difference."""
    listeners = [Listener(folder) for folder in FOLDERS]
    build_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build_folder()) as folder:
        heard = hear_in_c(listeners, hours, hour_hops, Path(folder))
        hops = hours * hour_hops
        say(f"heard in C: {hops} hops")
        for place, (path, listener) in enumerate(zip(FOLDERS, listeners, strict=True)):
            memory, smoothed = hear_in_numpy(listener, heard.codes.reshape(hours, hour_hops, BANDS))
            differ = (memory != np.stack(listener.memories)).any(1)
            differ |= (smoothed[:, -1] != np.stack(listener.smoothed)).any(1)
            if differ.any():
                raise Failure(
                    f"{path.name}: the state at the end of hour {int(differ.argmax()) + 1} differs from numpy's"
                )
            found = detections(listener, smoothed.reshape(hops, listener.keywords))
            if (differ := found != heard.detected[:, place]).any():
                raise Failure(f"{path.name}: the detection at hop {int(differ.argmax())} differs from numpy's")
            yield (
                f"{path.name}: {hours} states of {listener.memory_codes} codes and {hops} decisions, "
                f"{(found != NOTHING).sum()} detections, {len(listener.resets)} resets, "
                f"{len(listener.thresholds) - 1} changes of all thresholds: equal"
            )
    if heard.times != list(wanted_times(heard)):
        raise Failure("a detection's time differs from the count of hops modulo 2^32")
    yield (
        f"front end: {len(heard.front_resets) - 1} resets, its counter passed 2^32 {wraps(heard, hops)} times; "
        f"{len(heard.times)} times of detections: equal"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=100)
    for line in compare(parser.parse_args().hours, say=lambda text: print(text, flush=True)):
        print(line, flush=True)


if __name__ == "__main__":
    run_command("long", main)
