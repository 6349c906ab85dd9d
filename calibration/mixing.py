"""Compares mixing of noise in the power domain, as in training, with mixing of samples: python -m calibration.mixing

A recording and noise are mixed at several SNRs: as samples, which then go through the front end, and as band energies
computed from the features of each, which add and interfere (train/interference.py).  The recordings are those of Speech
Commands under DATA, else synthetic speech and synthetic noise.
"""

import math

import numpy as np

from firmware.audio.recordings import one_second, read_clip, read_recording
from firmware.command import run_command
from firmware.frontend import CLIP_SAMPLES, Frontend, energy_of_log_mel, log_mel_of_codes, log_mel_of_energy
from firmware.markdown import table
from firmware.paths import data_folder
from train.corpora.background import at_level, synthesize_background
from train.corpora.clips import codes_of_pcm
from train.corpora.folders import audio_files, word_files, words_in
from train.corpora.speech import speak_clips
from train.interference import Interference, together
from train.recipe import BACKGROUND_FOLDER
from train.splits import TRAINING
from train.synthesizers.espeak import Espeak

CLIPS = 200
SNRS_DB = (0, 5, 10, 20, 30)


def recorded_pairs(folder, random):
    """CLIPS pairs (recording, noise) of one second, int16."""
    files = [path for path, _ in word_files(words_in(folder), (BACKGROUND_FOLDER,))]
    noises = [read_recording(path) for path in audio_files(folder / BACKGROUND_FOLDER)]
    for path in random.choice(np.array(files, object), CLIPS, replace=len(files) < CLIPS):
        noise = noises[random.integers(len(noises))]
        start = random.integers(0, len(noise) - CLIP_SAMPLES)
        yield one_second(read_clip(path).pcm), noise[start : start + CLIP_SAMPLES]


def synthetic_pairs(random):
    """CLIPS pairs (synthetic speech, synthetic noise) of one second, int16."""
    synthesizer = Espeak()
    words = list(random.choice(["yes", "stop", "hello", "seven", "house"], CLIPS))
    for spoken in speak_clips(random, synthesizer, words, synthesizer.voices_of(TRAINING, "en")):
        noise = at_level(synthesize_background(random, CLIP_SAMPLES), random.uniform(-60, -24))
        yield one_second(spoken.pcm), noise


def mixed_in_all_ways(random, frontend, speech, noise, snr_db):
    """Log-mel values [frames, bands] of the sum of energies, of energies that interfere, and of the mix of samples; None if the
    samples would clip."""
    log_mel = [log_mel_of_codes(codes_of_pcm(frontend, pcm)) for pcm in (speech, noise)]
    energies = [energy_of_log_mel(values).astype(np.float32) for values in log_mel]
    scale = energies[0].mean() / max(1.0, energies[1].mean()) * 10 ** (-snr_db / 10)
    samples = np.rint(speech + math.sqrt(scale) * noise)
    if np.abs(samples).max() > 32767:
        return None
    cosines = Interference(frontend).cosines(random, energies[0].shape[:1])
    by_energies = (together(energies[0], scale * energies[1], share) for share in (0, cosines))
    return *map(log_mel_of_energy, by_energies), log_mel_of_codes(codes_of_pcm(frontend, samples.astype(np.int16)))


def row_of(mixed):
    """The cells of a table's row, of [mixed_in_all_ways]."""
    added, interfering, samples = (np.concatenate(values).astype(float) for values in zip(*mixed, strict=True))
    yield len(mixed)
    for values in (added, interfering):
        yield f"{(values - samples).mean():+.2f}"
    for values in (samples, interfering):
        yield f"{(values - added).std():.2f}"


def main():
    random, frontend = np.random.default_rng(0), Frontend()
    folder = data_folder() / "speech_commands"
    pairs = list(recorded_pairs(folder, random) if folder.is_dir() else synthetic_pairs(random))
    print(
        f"{len(pairs)} {'recordings of Speech Commands' if folder.is_dir() else 'synthetic clips'}; log-mel values, 1 step = "
        "0.44 dB. Bias: less those of mixed samples. Spread: standard deviation of the difference to the sum of energies"
    )
    rows = []
    for snr_db in SNRS_DB:
        mixed = [found for found in (mixed_in_all_ways(random, frontend, *pair, snr_db) for pair in pairs) if found]
        rows.append((f"{snr_db} dB", *row_of(mixed)))
    print(table(["SNR", "clips", "bias, added", "bias, interfering", "spread, samples", "spread, interfering"], rows))


if __name__ == "__main__":
    run_command("mixing", main)
