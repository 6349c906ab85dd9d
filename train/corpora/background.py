"""Background noise at random levels: cut from recordings, or synthetic noise, hum and clicks if there are no recordings."""

import numpy as np
import soxr

from firmware.audio.recordings import FULL_SCALE, BadRecording, read_recording, rounded_pcm
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.paths import data_folder
from firmware.progress import progress
from train.corpora.clips import TRAINING, VALIDATION, Clips, codes_of_clip
from train.corpora.recordings import audio_files
from train.recipe import SILENCE

SLOPES = (0.0, 1.0, 2.0)
"""Slopes of coloured noise: white, pink, brown."""

TRAINING_SHARE = 0.8
"""Share of each recording, from its beginning, that is for training; the rest is for validation."""

SPEEDS = (0.8, 1.25)
"""Range of speeds at which training plays recordings."""

SHORTEST_S = 10


def coloured(random, slope, samples):
    """Noise float64 [samples] whose power falls as frequency^-slope, without DC."""
    spectrum = np.fft.rfft(random.normal(size=samples))
    spectrum[0] = 0
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2)
    return np.fft.irfft(spectrum, samples)


def _hum(random):
    time_s = np.arange(CLIP_SAMPLES) / SAMPLE_RATE_HZ
    mains_hz = random.choice((50.0, 60.0))
    return sum(np.sin(2 * np.pi * (mains_hz * k * time_s + random.random())) / k for k in range(1, 8))


def _clicks(random):
    clip = np.zeros(CLIP_SAMPLES)
    clip[random.integers(0, CLIP_SAMPLES, random.integers(1, 12))] = random.normal(size=1)
    return np.convolve(clip, np.exp(-np.arange(200) / 20.0))[:CLIP_SAMPLES]


def synthesize_background(random):
    """One second of noise, float64 [CLIP_SAMPLES]; occasionally digital silence."""
    if random.random() < 0.05:
        return np.zeros(CLIP_SAMPLES)
    noise = coloured(random, random.choice(SLOPES), CLIP_SAMPLES)
    for extra in (_hum, _clicks):
        if random.random() < 0.2:
            noise = noise / noise.std() + 2 * random.random() * extra(random)
    return noise


def _required(folder):
    """The path DATA/folder; ValueError if it does not exist."""
    path = data_folder() / folder
    if not path.is_dir():
        raise ValueError(f"{path}: does not exist; put recordings of background noise into it, for corpus background")
    return path


def check(section, recipe, data):
    """ValueError if the recordings of the section do not exist."""
    if section.recordings:
        _required(section.recordings)


def read_background(folder, split):
    """[PCM int16 [samples]]: the part of each recording in DATA/folder that belongs to a split."""
    path = _required(folder)
    parts = []
    for file in audio_files(path):
        pcm = read_recording(file)
        if len(pcm) < SHORTEST_S * SAMPLE_RATE_HZ:
            raise BadRecording(f"{file}: shorter than {SHORTEST_S} s, too short for training and validation")
        boundary = int(len(pcm) * TRAINING_SHARE)
        parts.append(pcm[:boundary] if split == TRAINING else pcm[boundary:])
    if not parts:
        raise ValueError(f"{path}: no recordings of background noise")
    return parts


def _cut(random, parts, speeds):
    """One second of a random recording at a random speed, float64 [CLIP_SAMPLES]."""
    pcm, speed = parts[random.integers(len(parts))], random.uniform(*speeds)
    samples = int(CLIP_SAMPLES * speed) + 16
    start = random.integers(0, len(pcm) - samples + 1)
    return soxr.resample(pcm[start : start + samples].astype(np.float64), SAMPLE_RATE_HZ * speed, SAMPLE_RATE_HZ)[
        :CLIP_SAMPLES
    ]


def at_level(noise, level_db):
    """Noise as PCM int16 with an RMS of level_db, dB of full scale; digital silence stays silent."""
    noise = noise.astype(np.float64)
    rms = np.sqrt(np.square(noise).mean())
    scaled = noise * (FULL_SCALE * 10 ** (level_db / 20) / rms) if rms else noise
    return rounded_pcm(scaled)


def load(section, recipe, data):
    """The corpus as Clips labelled silence; every fifth clip is for validation."""
    random = np.random.default_rng([recipe.seed, 2])
    split = np.where(np.arange(section.clips) % 5 == 4, VALIDATION, TRAINING)
    if section.recordings:
        parts = {name: read_background(section.recordings, name) for name in (TRAINING, VALIDATION)}
        speeds = {TRAINING: SPEEDS, VALIDATION: (1.0, 1.0)}
    codes = []
    for name in progress(split, "making noise"):
        noise = _cut(random, parts[name], speeds[name]) if section.recordings else synthesize_background(random)
        codes.append(codes_of_clip(recipe.front, at_level(noise, random.uniform(*section.level_db))))
    source = section.recordings or "synthetic"
    return Clips(np.stack(codes), np.full(section.clips, SILENCE), np.full(section.clips, source), split)
