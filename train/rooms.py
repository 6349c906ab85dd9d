"""Rooms as responses in the power domain: the energy that each hop and band receives of a sound's energy some hops before."""

import numpy as np

from firmware.audio.recordings import BadRecording, read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import FFT_POINTS, band_weights
from firmware.paths import data_folder
from train.corpora.folders import audio_files

LONGEST_MS = 800
BEFORE_SAMPLES = 16
"""Samples before the loudest one that belong to the direct sound."""


def simulated_responses(settings, rooms, hop_ms, random):
    """Responses float32 [rooms, hops, 1]: direct sound, then an echo that decays exponentially (Polack 1988)."""
    kept = 10 ** (-6 * hop_ms / random.uniform(*settings.room_decay_ms, (rooms, 1)))
    echo = kept ** np.arange(1, LONGEST_MS // hop_ms)
    echo *= 10 ** (-random.uniform(*settings.room_direct_db, (rooms, 1)) / 10) / echo.sum(1, keepdims=True)
    return np.concatenate([np.ones((rooms, 1)), echo], 1)[:, :, None].astype(np.float32)


def room_files(folder, tell=True):
    """The impulse responses in DATA/folder; ValueError if there are none.  tell: as in audio_files."""
    path = data_folder() / folder
    files = audio_files(path, tell) if path.is_dir() else []
    if not files:
        raise ValueError(f"{path}: no impulse responses of rooms; put recordings of them into it, or remove `rooms`")
    return files


def measured_responses(frontend, folder):
    """Responses float32 [rooms, hops, bands] of the impulse responses in DATA/folder, whose direct sound is the loudest.

    Each is scaled so that the mean of all it passes on is 1.  ValueError if there are none, or if one is silent.
    """
    files = room_files(folder)
    samples, weights, found = frontend.hop_samples, band_weights(frontend), []
    hops = LONGEST_MS // frontend.hop_ms
    for file in files:
        pcm = read_recording(file).astype(np.float64)
        if is_silent(pcm):
            raise BadRecording(f"{file}: digital silence, not the impulse response of a room; remove it")
        direct = max(0, int(np.abs(pcm).argmax()) - BEFORE_SAMPLES)
        pieces = np.pad(pcm[direct : direct + hops * samples], (0, max(0, hops * samples - len(pcm) + direct)))
        power = np.square(np.abs(np.fft.rfft(pieces.reshape(hops, samples), FFT_POINTS)))
        energies = power[:, : weights.shape[1]] @ weights.T
        found.append(energies / energies.sum(0).mean())
    return np.stack(found).astype(np.float32)
