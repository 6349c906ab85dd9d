"""Synthetic background noise: coloured noise, hum and clicks at random levels, for a machine without recordings."""

import numpy as np

from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from train.corpora.pictures import TRAINING, VALIDATION, Pictures, picture
from train.progress import progress
from train.recipe import SILENCE

LEVELS_RMS = (1.0, 2000.0)
SLOPES = (0.0, 1.0, 2.0)
"""Spectra falling as frequency^-slope in power: white, pink, brown."""


def _coloured(random, slope):
    spectrum = np.fft.rfft(random.normal(size=CLIP_SAMPLES))
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2)
    spectrum[0] = 0
    return np.fft.irfft(spectrum, CLIP_SAMPLES)


def _hum(random):
    time_s = np.arange(CLIP_SAMPLES) / SAMPLE_RATE_HZ
    mains_hz = random.choice((50.0, 60.0))
    return sum(np.sin(2 * np.pi * (mains_hz * k * time_s + random.random())) / k for k in range(1, 8))


def _clicks(random):
    clip = np.zeros(CLIP_SAMPLES)
    clip[random.integers(0, CLIP_SAMPLES, random.integers(1, 12))] = random.normal(size=1)
    return np.convolve(clip, np.exp(-np.arange(200) / 20.0))[:CLIP_SAMPLES]


def synthesize_background(random):
    """One second of noise, int16, at a random level; now and then digital silence."""
    if random.random() < 0.05:
        return np.zeros(CLIP_SAMPLES, np.int16)
    noise = _coloured(random, random.choice(SLOPES))
    for extra in (_hum, _clicks):
        if random.random() < 0.2:
            noise = noise / noise.std() + 2 * random.random() * extra(random)
    level = np.exp(random.uniform(*np.log(LEVELS_RMS)))
    return np.clip(np.rint(noise * level / noise.std()), -32768, 32767).astype(np.int16)


def load(section, recipe, data):
    """The corpus as Pictures of silence; every fifth clip is for validation."""
    random = np.random.default_rng([recipe.seed, 2])
    levels = [
        picture(recipe.front, synthesize_background(random)) for _ in progress(range(section.clips), "making noise")
    ]
    split = np.where(np.arange(section.clips) % 5 == 4, VALIDATION, TRAINING)
    return Pictures(np.stack(levels), np.full(section.clips, SILENCE), np.full(section.clips, "synthetic"), split)
