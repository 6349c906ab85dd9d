"""Clips that were spoken, kept in a folder, so that none is spoken twice.

Every process that speaks appends to a file of its own, so two of them never meet, and one that is killed leaves one clip cut
short, at its file's end.  Bytes of a clip, little-endian:

    key        16   which clip it is
    samples     4
    checksum    4   CRC-32 of key, samples and PCM
    PCM         2 a sample, int16

A clip that is damaged, or stands after damaged lengths, counts as never spoken.
"""

import os
import struct
import tempfile
import threading
import zlib

import numpy as np

KEY_BYTES = 16
_HEAD = struct.Struct(f"<{KEY_BYTES}sII")


def _checksum(key, pcm):
    return zlib.crc32(pcm, zlib.crc32(struct.pack("<I", len(pcm) // 2), zlib.crc32(key)))


class SpokenClips:
    """What a folder held when it was opened, and what was put into it since."""

    def __init__(self, folder):
        self.folder = folder
        self.file = None  # this process's own
        self.lock = threading.Lock()
        self.places = {}  # key: [(file, first byte of the clip)]
        for path in sorted(folder.glob("*.clips")):
            self._find(path)

    def _find(self, path):
        place, size = 0, path.stat().st_size
        with open(path, "rb") as file:
            while place + _HEAD.size <= size:
                key, samples, _ = _HEAD.unpack(os.pread(file.fileno(), _HEAD.size, place))
                self.places.setdefault(key, []).append((path, place))
                place += _HEAD.size + 2 * samples

    def get(self, key):
        """PCM int16 [samples]; None where no whole clip is kept."""
        for path, place in self.places.get(key, ()):
            with open(path, "rb") as file:
                file.seek(place)
                _, samples, checksum = _HEAD.unpack(file.read(_HEAD.size))
                if 2 * samples <= os.fstat(file.fileno()).st_size:
                    pcm = file.read(2 * samples)
                    if len(pcm) == 2 * samples and _checksum(key, pcm) == checksum:
                        return np.frombuffer(pcm, "<i2")
        return None

    def put(self, key, pcm):
        """Keep PCM int16 [samples] from now on, however this process ends."""
        content = pcm.astype("<i2").tobytes()
        with self.lock:
            if self.file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                handle, self.file = tempfile.mkstemp(dir=self.folder, suffix=".clips")
                os.close(handle)
                os.chmod(self.file, 0o644)
            try:
                with open(self.file, "ab") as file:
                    place = file.tell()
                    file.write(_HEAD.pack(key, len(pcm), _checksum(key, content)) + content)
            except OSError as error:  # of a write it does not name the file
                raise OSError(error.errno, error.strerror, self.file) from None
            self.places.setdefault(key, []).append((self.file, place))
