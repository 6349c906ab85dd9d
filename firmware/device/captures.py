"""Captures: seconds of sound that a board sends in lines between its other output, saved as WAV files.

    Capture near-miss yes (0.42) @ 1240 ms, 16000 samples
    +AAD9/wMA...            up to 60 bytes of PCM, int16 little-endian, in base64 (RFC 4648, section 4); many lines
    Capture end 1c2d3e4f    CRC-32 of all bytes

A capture is saved only if its length and its CRC are right.
"""

import base64
import re
import zlib
from pathlib import Path

import numpy as np

from firmware.audio.encoded import encoded
from firmware.files import write_whole
from firmware.frontend import SAMPLE_RATE_HZ

SAMPLE_BYTES = 2
MOST_SAMPLES = 60 * SAMPLE_RATE_HZ
"""More than any board stores; a longer capture is treated as damaged."""
HEADER = re.compile(
    r"Capture (?P<cause>detection|near-miss|microphone)"
    r"( (?P<label>.+) \((?P<posterior>\d+\.\d+)\) @ \d+ ms( by [\w-]+)?)?, (?P<samples>\d{1,20}) samples"
)
END = re.compile(r"Capture end (?P<crc>[0-9a-f]{8})")


class Captures:
    """Filters captures from a board's lines and saves them in a folder."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._header, self._pcm, self._bad = None, bytearray(), False

    def take(self, line):
        """The text to show for the next line: the line itself, None for data, or the result of a capture."""
        if line.startswith("+"):
            return self._take_data(line[1:])
        if header := HEADER.fullmatch(line):
            cut = self.cut()
            self._begin(header)
            return cut
        if end := END.fullmatch(line):
            header, pcm, bad = self._header, bytes(self._pcm), self._bad
            self._begin(None)
            return self._end(header, pcm, bad or zlib.crc32(pcm) != int(end["crc"], 16))
        return line

    def cut(self):
        """The text to show when no more lines come; None if no capture was incomplete."""
        return self._not_saved("its end was not received") if self._header else None

    def _begin(self, header):
        self._header, self._bad = header, False
        self._pcm.clear()

    def _take_data(self, text):
        try:
            self._pcm += base64.b64decode(text, validate=True)
        except ValueError:
            self._bad = True
        if not self._header or len(self._pcm) > min(int(self._header["samples"]), MOST_SAMPLES) * SAMPLE_BYTES:
            self._pcm.clear()
            self._bad = True

    def _end(self, header, pcm, bad):
        if not header:
            return self._not_saved("its beginning was not received")
        if bad or len(pcm) != int(header["samples"]) * SAMPLE_BYTES:
            return self._not_saved("it was damaged in transmission")
        about = [re.sub(r"[^\w-]", "-", header["label"]), header["posterior"]] if header["label"] else []
        path = self._folder / header["cause"] / "-".join([*about, f"{zlib.crc32(pcm):08x}.wav"])
        try:
            write_whole(path, encoded(np.frombuffer(pcm, "<i2"), "WAV"))
        except OSError as error:
            return self._not_saved(f"{path}: {error.strerror}")
        return f"saved {path}"

    @staticmethod
    def _not_saved(why):
        return f"capture not saved: {why}"
