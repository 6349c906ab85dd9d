"""A folder of spoken clips, so that none is spoken twice.

Each process appends to its own file, so processes do not conflict, and a killed one leaves at most one incomplete clip, at the
end of its file.  Bytes of a clip, little-endian:

    key        16   identifies the clip
    samples     4
    checksum    4   CRC-32 of key, samples and PCM
    PCM         2 per sample, int16

A damaged clip, or one after a damaged length, is spoken again.
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
    """The clips in a folder when it was opened, and those put into it since."""

    def __init__(self, folder):
        self.folder = folder
        self.file = None  # the one that this process appends to
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
        """PCM int16 [samples], or None if there is no complete clip."""
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
        """Store PCM int16 [samples]; it stays even if this process is killed."""
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
            except OSError as error:  # the error of a write does not name the file
                raise OSError(error.errno, error.strerror, self.file) from None
            self.places.setdefault(key, []).append((self.file, place))
