"""Recordings for tests: noise in place of speech."""

import numpy as np
import soundfile

from firmware.frontend import SAMPLE_RATE_HZ


def record(path, seconds=0.5, amplitude=1000, seed=0):
    """A recording of noise."""
    noise = np.random.default_rng(seed).normal(0, amplitude, round(seconds * SAMPLE_RATE_HZ))
    return write(path, np.clip(noise, -32768, 32767))


def record_word(path, *times_s, seconds, amplitude=3000, seed=0):
    """A recording of faint noise that is loud at each (start, end) in seconds."""
    random = np.random.default_rng(seed)
    level = np.full(round(seconds * SAMPLE_RATE_HZ), 3)
    for start, end in times_s:
        level[round(start * SAMPLE_RATE_HZ) : round(end * SAMPLE_RATE_HZ)] = amplitude
    return write(path, np.clip(level * random.normal(size=len(level)), -32768, 32767))


def write(path, samples):
    """A recording of samples, int16 units."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.rint(samples).astype(np.int16), SAMPLE_RATE_HZ)
    return path


def record_mine(data):
    """The folder DATA/mine: twenty speakers, each of whom says a keyword and another word."""
    for speaker in range(20):
        for word in ("yes", "banana"):
            record(data / "mine" / word / f"speaker{speaker}_{word}.wav", seed=speaker)
    return data / "mine"
