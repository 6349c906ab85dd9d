"""The bed of a stream, its continuous background: pieces of background recordings that fade into one another."""

import numpy as np

from calibration.streams.description import SyntheticBed
from firmware.audio.recordings import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import data_folder
from train.corpora.background import SLOPES, coloured
from train.corpora.recordings import audio_files

PIECE_S = (10.0, 40.0)
FADE_SAMPLES = SAMPLE_RATE_HZ
SYNTHETIC_SAMPLES = 60 * SAMPLE_RATE_HZ


def check_bed(source):
    """ValueError if the folder of a bed does not exist."""
    if not isinstance(source, SyntheticBed) and not (data_folder() / source).is_dir():
        raise ValueError(
            f"{data_folder() / source}: not there; put background recordings into it, or describe a synthetic bed"
        )


def load_bed(random, source):
    """Background recordings [samples], int16 or float64, each at least three fades long."""
    if isinstance(source, SyntheticBed):
        return [coloured(random, SLOPES[place % len(SLOPES)], SYNTHETIC_SAMPLES) for place in range(source.recordings)]
    check_bed(source)
    folder = data_folder() / source
    recordings = [read_recording(path) for path in audio_files(folder)]
    if not recordings or min(len(pcm) for pcm in recordings) < 3 * FADE_SAMPLES:
        raise ValueError(f"{folder}: expected background recordings, each at least 3 s long")
    return recordings


def full_scale(level_db):
    """The RMS, in int16 steps, of a level in dB of full scale."""
    return 32768 * 10 ** (level_db / 20)


def lay_bed(random, recordings, samples, level_db):
    """float64 [samples]: pieces of recordings, each at a random level_db, overlapping by a fade of equal power."""
    rise = np.sin(np.linspace(0, np.pi / 2, FADE_SAMPLES))
    bed, start = np.zeros(samples + FADE_SAMPLES), 0
    while start < samples:
        recording = recordings[random.integers(len(recordings))]
        length = min(len(recording), round(random.uniform(*PIECE_S) * SAMPLE_RATE_HZ))
        first = random.integers(0, len(recording) - length + 1)
        piece = recording[first : first + length].astype(np.float64)
        level = full_scale(random.uniform(*level_db))
        piece = piece * (level / max(1e-9, np.sqrt(np.square(piece).mean())))
        if start:
            piece[:FADE_SAMPLES] *= rise
        piece[-FADE_SAMPLES:] *= rise[::-1]
        room = len(bed) - start
        bed[start : start + length] += piece[:room]
        start += length - FADE_SAMPLES
    return bed[:samples]
