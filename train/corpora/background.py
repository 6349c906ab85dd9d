"""Background without speech: recordings, or made noise or music if there are none.

All are brought to one level; mixing draws another one each time.
"""

import numpy as np

from firmware.audio.recordings import FULL_SCALE, read_recording, rounded_pcm
from firmware.audio.soundness import is_silent
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import Clip, Clips, codes_of_pcm
from train.corpora.folders import audio_files
from train.corpora.music import synthesize_music
from train.recipe import SILENCE
from train.splits import TRAINING, VALIDATION, split_of_place

SLOPES = (0.0, 1.0, 2.0)
"""Slopes of coloured noise: white, pink, brown."""

TRAINING_SHARE = 0.8
"""Share of each recording, from its beginning, that is for training; the rest is for validation."""

SHORTEST_S = 5
"""A shorter recording is for training alone."""
PIECE_S = 10
"""Length of a piece of synthetic background."""
LEVEL_DB = -26.0
"""Level before the front end, dB of full scale, RMS; mixing scales the energies."""


def coloured(random, slope, samples):
    """Noise float64 [samples] whose power falls as frequency^-slope, without DC."""
    spectrum = np.fft.rfft(random.normal(size=samples))
    spectrum[0] = 0
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2)
    return np.fft.irfft(spectrum, samples)


def _hum(random, samples):
    time_s = np.arange(samples) / SAMPLE_RATE_HZ
    mains_hz = random.choice((50.0, 60.0))
    return sum(np.sin(2 * np.pi * (mains_hz * k * time_s + random.random())) / k for k in range(1, 8))


def _clicks(random, samples):
    clip = np.zeros(samples)
    clip[random.integers(0, samples, random.integers(1, 12 * samples // SAMPLE_RATE_HZ))] = random.normal(size=1)
    return np.convolve(clip, np.exp(-np.arange(200) / 20.0))[:samples]


def synthesize_background(random, samples):
    """Noise float64 [samples] with an RMS of about 1."""
    noise = coloured(random, random.choice(SLOPES), samples)
    for extra in (_hum, _clicks):
        if random.random() < 0.2:
            noise = noise / noise.std() + 2 * random.random() * extra(random, samples)
    return noise / noise.std()


def check(section, recipe, data):
    """ValueError if the recordings of the section do not exist."""
    if section.recordings:
        background_files(data / section.recordings, section.without, tell=False)


def background_files(folder, without=(), tell=True):
    """The recordings in a folder, except those whose names without suffix are in `without`; tell: as in audio_files.

    ValueError if there are none, or if a name in `without` does not exist.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: does not exist; put recordings of background noise into it, for corpus background")
    files = audio_files(folder, tell)
    if missing := set(without) - {file.stem for file in files}:
        raise ValueError(
            f"{folder}: without = {sorted(missing)}: no such recordings; give names of recordings, without suffix"
        )
    files = [file for file in files if file.stem not in without]
    if not files:
        raise ValueError(f"{folder}: no recordings of background noise")
    return files


def read_background(folder, without=()):
    """[(PCM int16, name, split)]: the parts of each recording of background_files for training and for validation.

    Parts that are digital silence are left out; ValueError if nothing remains.
    """
    parts = []
    for file in background_files(folder, without):
        pcm = read_recording(file)
        boundary = len(pcm) if len(pcm) < SHORTEST_S * SAMPLE_RATE_HZ else int(len(pcm) * TRAINING_SHARE)
        parts += [(pcm[:boundary], file.stem, TRAINING), (pcm[boundary:], file.stem, VALIDATION)]
    heard = [part for part in parts if not is_silent(part[0])]
    if not heard:
        raise ValueError(f"{folder}: its background noise is digital silence; put other recordings into it")
    return heard


def at_level(noise, level_db):
    """Noise as PCM int16 with an RMS of level_db, dB of full scale; digital silence stays silent."""
    noise = noise.astype(np.float64)
    rms = np.sqrt(np.square(noise).mean())
    scaled = noise * (FULL_SCALE * 10 ** (level_db / 20) / rms) if rms else noise
    return rounded_pcm(scaled)


def background_clips(frontend, folder, without=()):
    """The Clips of background recordings, labelled silence."""
    return Clips.of(
        [
            Clip.throughout(codes_of_pcm(frontend, at_level(pcm, LEVEL_DB)), SILENCE, name, split)
            for pcm, name, split in read_background(folder, without)
        ]
    )


SYNTHESIZE = {"noise": synthesize_background, "music": synthesize_music}


def load(section, recipe, data):
    """The corpus as Clips labelled silence; of made background, every fifth piece is for validation."""
    if section.recordings:
        return background_clips(recipe.front, data / section.recordings, section.without)
    random, clips = np.random.default_rng([recipe.seed, 2]), []
    for place in progress(range(section.minutes * 60 // PIECE_S), f"making {section.made}"):
        sound = at_level(SYNTHESIZE[section.made](random, PIECE_S * SAMPLE_RATE_HZ), LEVEL_DB)
        split = split_of_place(place)
        clips.append(Clip.throughout(codes_of_pcm(recipe.front, sound), SILENCE, f"made {section.made}", split))
    return Clips.of(clips)
