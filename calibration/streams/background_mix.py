"""The bed of a stream, its continuous background: pieces of background recordings that fade into one another."""

import numpy as np

from calibration.streams.description import SyntheticBed, paths_of
from firmware.audio.recordings import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import data_folder
from train.corpora.background import SLOPES, coloured
from train.corpora.folders import audio_files

PIECE_S = (10.0, 40.0)
FADE_SAMPLES = SAMPLE_RATE_HZ
SHORTEST_SAMPLES = 3 * FADE_SAMPLES
SYNTHETIC_SAMPLES = 60 * SAMPLE_RATE_HZ


def bed_files(source, tell=True):
    """The background recordings of a bed: every file of its list, and those in its folders; tell: as in audio_files.

    ValueError if one does not exist or a folder has none.
    """
    files = []
    for path in (data_folder() / name for name in paths_of(source)):
        if not path.exists():
            raise ValueError(
                f"{path}: not there; put a background recording, or a folder of them, there, or describe a synthetic bed"
            )
        found = audio_files(path, tell) if path.is_dir() else [path]
        if not found:
            raise ValueError(f"{path}: no background recordings; put some into it, or describe a synthetic bed")
        files += found
    return files


def load_bed(random, source):
    """Background recordings [samples], int16 or float64, each at least three fades long."""
    if isinstance(source, SyntheticBed):
        return [coloured(random, SLOPES[place % len(SLOPES)], SYNTHETIC_SAMPLES) for place in range(source.recordings)]
    recordings = []
    for file in bed_files(source):
        recordings.append(read_recording(file))
        if len(recordings[-1]) < SHORTEST_SAMPLES:
            raise ValueError(
                f"{file}: {len(recordings[-1]) / SAMPLE_RATE_HZ:.1f} s is too short for a bed; "
                f"give recordings of at least {SHORTEST_SAMPLES // SAMPLE_RATE_HZ} s"
            )
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
