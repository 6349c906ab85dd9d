"""Sources of sound: a recording and standard input; the third is in microphone.py.

A source has a name, a count of overruns (lost blocks) and chunks(): PCM int16 at 16 kHz in arrays of any length.
Hops are cut from the joined chunks, so their lengths do not matter.
"""

import time
from pathlib import Path

import numpy as np

from firmware.audio.containers import container_of
from firmware.audio.recordings import Reader, in_pieces
from firmware.frontend import SAMPLE_RATE_HZ

CHUNK_SAMPLES = SAMPLE_RATE_HZ // 100
"""Chunk of a recording or standard input: 10 ms."""


def cut_into_hops(chunks, hop_samples):
    """Hops int16 [hop_samples] of chunks of PCM; the last one is padded with zeros."""
    for hop in in_pieces(chunks, hop_samples):
        yield hop if len(hop) == hop_samples else np.pad(hop, (0, hop_samples - len(hop)))


class Recording:
    """A recording of any format, in real time or, if fast, as fast as possible."""

    overruns = 0

    def __init__(self, path, fast=False):
        self.name = Path(path).name
        self._reader = Reader(path)
        self._fast = fast

    def chunks(self):
        begin, samples = time.monotonic(), 0
        for chunk in in_pieces(self._reader.blocks(), CHUNK_SAMPLES):
            samples += len(chunk)
            if not self._fast:
                time.sleep(max(0, begin + samples / SAMPLE_RATE_HZ - time.monotonic()))
            yield chunk
        self._reader.print_remarks()


class StandardInput:
    """Raw PCM as it arrives in a binary file: int16 little-endian, 16 kHz, mono.

    An audio file's header at the beginning is refused; half a sample at the end is completed by a zero byte.
    """

    name = "standard input"
    overruns = 0

    def __init__(self, file):
        if file.isatty():
            raise ValueError(
                "standard input is a terminal; WAV=- reads raw 16 kHz int16 mono PCM from a pipe, "
                "for example from `arecord -t raw -f S16_LE -r 16000 -c 1`"
            )
        self._file = file

    def chunks(self):
        is_first = True
        while chunk := self._file.read(CHUNK_SAMPLES * 2):
            if is_first and (container := container_of(chunk)):
                raise ValueError(
                    f"standard input begins with an audio file header ({container}); WAV=- reads raw 16 kHz int16 mono PCM: "
                    "give the file as WAV=, or pipe it through `ffmpeg -i - -f s16le -ar 16000 -ac 1 -`"
                )
            is_first = False
            yield np.frombuffer(chunk + bytes(len(chunk) % 2), "<i2").astype(np.int16)
