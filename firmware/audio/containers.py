"""Audio containers by their bytes: the length in a header against the length of its file, and the format of a pipe.

This finds WAV files over 4 GB whose 32-bit length wrapped, files that were cut short, and lengths that were never written.
It reads the headers of chunks, not samples; soundfile decodes.
"""

import re
import struct
from dataclasses import dataclass

MAGIC = {
    b"RIFF": "WAV",
    b"RIFX": "WAV",
    b"RF64": "RF64",
    b"BW64": "BW64",
    b"riff": "W64",
    b"FORM": "AIFF",
    b".snd": "AU",
    b"caff": "CAF",
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"\x1aE\xdf\xa3": "Matroska or WebM",
}
"""First bytes of files; an MP4 has `ftyp` at byte 4 instead."""
OGG_PAGE_BYTES = 65_307
"""Largest page."""
MP3_FRAME_BYTES = 2881
"""Largest frame."""


def container_of(head):
    """The format of a file that begins with these bytes, at least eight; None if unknown."""
    named = (name for magic, name in MAGIC.items() if head.startswith(magic))
    return next(named, "MP4" if head[4:8] == b"ftyp" else None)


@dataclass(frozen=True)
class Length:
    """Bytes of samples: promised by the header, None if that was never written, and there in the file."""

    promised: int | None
    there: int


@dataclass(frozen=True)
class Chunks:
    """The layout of a container's chunks: a name, told apart by its first four letters, a length, and a body."""

    first: int  # offset of the first chunk
    samples: bytes  # name of the chunk of samples
    length: str = "<I"  # struct format
    name_bytes: int = 4
    counted: int = 0  # bytes of the chunk's own header that its length includes
    aligned: int = 2  # bytes

    def walk(self, file, begin, end):
        """(name, offset of the body, length) of each chunk from offset begin on."""
        header = self.name_bytes + struct.calcsize(self.length)
        while begin + header <= end:
            file.seek(begin)
            head = file.read(header)
            (length,) = struct.unpack(self.length, head[self.name_bytes :])
            if not re.fullmatch(rb"[ -~]{4}", head[:4]) or length < self.counted:
                return
            yield head[:4], begin + header, length - self.counted
            begin = self.after(begin + header, length - self.counted)

    def after(self, body, length):
        """The offset of the next chunk."""
        return body + -(-length // self.aligned) * self.aligned

    def fill(self, file, begin, end):
        """Whether the bytes from begin to the end of a file are exactly chunks."""
        for _, body, length in self.walk(file, begin, end):
            begin = self.after(body, length)
        return end - 1 <= begin <= end + 1  # the last chunk may lack its padding


CHUNKS = {
    b"RIFF": Chunks(12, b"data"),
    b"RIFX": Chunks(12, b"data", ">I"),
    b"RF64": Chunks(12, b"data"),
    b"FORM": Chunks(12, b"SSND", ">I"),
    b"riff": Chunks(40, b"data", "<Q", name_bytes=16, counted=24, aligned=8),
}


def _is_unwritten(length, bits):
    """Whether a length stands for unknown: at or just below 0xFFFFFFFF or 0x80000000 (0x7FFFF000 too)."""
    half = 1 << bits - 1
    return length >= 2 * half - 0x10000 or half - 0x10000 <= length <= half


def length_of(file):
    """The Length of an open binary file of chunks or AU; None for other formats, and without a chunk of samples."""
    end = file.seek(0, 2)
    file.seek(0)
    magic = file.read(4)
    if magic == b".snd":
        body, promised = struct.unpack(">II", file.read(8).ljust(8, b"\0"))
        return Length(None if _is_unwritten(promised, 32) else promised, max(0, end - body))
    chunks, long = CHUNKS.get(magic), None
    for name, body, length in chunks.walk(file, chunks.first, end) if chunks else ():
        if name == b"ds64":
            file.seek(body + 8)
            long = int.from_bytes(file.read(8), "little")
        elif name == chunks.samples:
            is_long = long is not None and length == 0xFFFFFFFF
            bits = 64 if is_long else 8 * struct.calcsize(chunks.length)
            length, there = long if is_long else length, end - body
            if length < there and chunks.fill(file, chunks.after(body, length), end):
                there = length
            return Length(None if length > there and _is_unwritten(length, bits) else length, there)
    return None


def has_last_page(file):
    """Whether the last page of an Ogg file is marked as its last (RFC 3533)."""
    file.seek(max(0, file.seek(0, 2) - OGG_PAGE_BYTES))
    tail = file.read()
    page = tail.rfind(b"OggS")
    flags = tail[page + 5 :][:1] if page >= 0 else b""
    return bool(flags and flags[0] & 4)


def has_mp3_length(file):
    """Whether the first frame of an MP3 file states the number of frames; otherwise its length is an estimate."""
    file.seek(0)
    head = file.read(10)
    tag = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False)) + 10  # id3.org
    file.seek(tag if head.startswith(b"ID3") else 0)
    return re.search(b"Xing|Info|VBRI", file.read(MP3_FRAME_BYTES)) is not None
