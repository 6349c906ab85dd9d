"""Headers of WAV files, right and wrong."""

import struct


def wav_header(data_bytes, rate_hz=16_000, channels=1, bits=16):
    """A RIFF WAVE header of PCM samples, with this length in its chunk of samples."""
    width = channels * bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate_hz, rate_hz * width, width, bits)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", data_bytes % (1 << 32))
    return struct.pack("<4sI", b"RIFF", (len(body) + data_bytes) % (1 << 32)) + body
