"""Where sound comes from: a recording or standard input; microphone.py has the third.

A source has a name, counts what it lost as overruns, and gives chunks: PCM int16 at 16 kHz in arrays of any length.
How long they are decides nothing, for hops are cut from all of them together.
"""

import time
from pathlib import Path

import numpy as np

from firmware.audio.containers import container_of
from firmware.audio.recordings import Reader, in_pieces
from firmware.frontend import SAMPLE_RATE_HZ

CHUNK_SAMPLES = SAMPLE_RATE_HZ // 100
"""How much a recording or standard input gives at a time: 10 ms, half of the longest hop or less."""


def cut_into_hops(chunks, hop_samples):
    """Hops int16 [hop_samples] of chunks of PCM; the last part of a hop is padded with zeros."""
    for hop in in_pieces(chunks, hop_samples):
        yield hop if len(hop) == hop_samples else np.pad(hop, (0, hop_samples - len(hop)))


class Recording:
    """A recording of any format, at the speed at which it was spoken, or fast: as quickly as it is heard."""

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
        self._reader.tell()


class StandardInput:
    """Raw PCM, int16 little-endian at 16 kHz of one channel, from a file of bytes, as it comes in.

    What begins as a file of sound does is refused; half a sample at the end is completed by a zero byte.
    """

    name = "standard input"
    overruns = 0

    def __init__(self, file):
        if file.isatty():
            raise ValueError(
                "standard input is a terminal; WAV=- hears raw 16 kHz int16 mono from a pipe, "
                "as of `arecord -t raw -f S16_LE -r 16000 -c 1`"
            )
        self._file = file

    def chunks(self):
        is_first = True
        while chunk := self._file.read(CHUNK_SAMPLES * 2):
            if is_first and (container := container_of(chunk)):
                raise ValueError(
                    f"standard input begins with a header of {container}; WAV=- hears raw 16 kHz int16 mono: give the file "
                    "as WAV=, or pipe it through `ffmpeg -i - -f s16le -ar 16000 -ac 1 -`"
                )
            is_first = False
            yield np.frombuffer(chunk + bytes(len(chunk) % 2), "<i2").astype(np.int16)
