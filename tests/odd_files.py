"""Files of sound to be damaged, and how the tests read them."""

import numpy as np
import pytest
import soundfile

from firmware.audio.recordings import BadRecording, Reader
from firmware.frontend import SAMPLE_RATE_HZ
from tests.wav import wav_header

CHUNKED = ["WAV", "WAVEX", "RF64", "W64", "AIFF", "AU"]
"""soundfile's formats of chunks, and AU, which also has a length in its header."""
SECONDS = 4
PCM = np.random.default_rng(0).normal(0, 3000, SECONDS * SAMPLE_RATE_HZ).astype(np.int16)
GOOD = wav_header(2 * len(PCM)) + PCM.astype("<i2").tobytes()


def written(path, content):
    path.write_bytes(content)
    return path


def refused(path, why):
    """Expect one line with the file and the reason."""
    return pytest.raises(BadRecording, match=f"^{path}: [^\n]*{why}[^\n]*$")


def remarks_of(path):
    reader = Reader(path)
    return sum(map(len, reader.blocks())), reader.remarks


def encoded(path, format, subtype="PCM_16"):
    soundfile.write(path, PCM, SAMPLE_RATE_HZ, format=format, subtype=subtype)
    return path.read_bytes()
