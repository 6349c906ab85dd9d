"""The features of TFLite Micro's front end with the settings of ESPHome's component micro_wake_word, from band energies.

It hears a frame of 30 ms every 10 ms, in 40 bands from 125 to 7500 Hz.  In each band, with E in squared int16 units:

    signal = sqrt(E) / 8
    noise  = noise + s (signal - noise)                   s = 0.025 in even bands, 0.06 in odd ones; zero at power-up
    kept   = max(signal - noise, 0.05 signal)             noise reduction
    snr    = 8 kept (8 noise + 80)^-0.95                  gain control (PCAN, arXiv:1607.05666)
    value  = 64 ln(512 snr^2 / 4), or from snr = 2 on 64 ln(512 (snr - 1)); at least 0
    code   = floor((256 value + 333) / 666) - 128         at most 127

The front end itself is in integers, in PyPI's pymicro-features; tests/test_micro.py compares.  Training needs energies, in which
sounds are mixed, so it has the front end's equations instead.
"""

import numpy as np
from scipy.signal import lfilter

from firmware.frontend import FFT_POINTS, FRAME_SAMPLES, band_weights, hann_window

FRAME_STEP_SAMPLES = 160
BANDS = 40
SMOOTHING = 0.025, 0.06
LEAST_KEPT = 0.05
PCAN_OFFSET, PCAN_STRENGTH = 80, 0.95
LOG_SCALE = 64
WARMING_FRAMES = 100
"""Frames after which the noise is known: four time constants of the even bands, 40 frames each."""
FRAMES_AT_ONCE = 3000


def energies_of_pcm(frontend, pcm):
    """Band energies float32 [frames, bands] of PCM int16 [samples]; frame j ends at sample 160 (j + 1)."""
    padded = np.pad(np.asarray(pcm, np.float64), (FRAME_SAMPLES - FRAME_STEP_SAMPLES, 0))
    weights, window, found = band_weights(frontend).T, hann_window(), []
    for first in range(0, len(pcm) // FRAME_STEP_SAMPLES, FRAMES_AT_ONCE):
        last = min(first + FRAMES_AT_ONCE, len(pcm) // FRAME_STEP_SAMPLES)
        piece = padded[first * FRAME_STEP_SAMPLES : (last - 1) * FRAME_STEP_SAMPLES + FRAME_SAMPLES]
        frames = np.lib.stride_tricks.sliding_window_view(piece, FRAME_SAMPLES)[::FRAME_STEP_SAMPLES]
        power = np.square(np.abs(np.fft.rfft(frames * window, FFT_POINTS)))
        found.append((power[:, : len(weights)] @ weights).astype(np.float32))
    return np.concatenate(found) if found else np.zeros((0, frontend.bands), np.float32)


def _noise(signal, before):
    """The noise of each frame, float [..., frames, bands]; before: that before the first frame, [..., bands]."""
    noise = np.empty_like(signal)
    for place, share in enumerate(SMOOTHING):
        bands = (..., slice(place, None, len(SMOOTHING)))
        kept = (1 - share) * before[bands][..., None, :]
        noise[bands], _ = lfilter([share], [1, share - 1], signal[bands], axis=-2, zi=kept)
    return noise


def codes_of_energies(energies, from_power_up=False):
    """Codes int8 [..., frames, bands] of energies of the same shape.

    from_power_up: with no noise before the first frame.  Otherwise it is that of the first second, heard backwards: a piece of a
    stream has had sound like its own before it.
    """
    signal = np.floor(np.sqrt(np.asarray(energies, np.float32)) / 8)
    before = np.zeros_like(signal[..., 0, :])
    if not from_power_up:
        before = _noise(signal[..., :WARMING_FRAMES, :][..., ::-1, :], before)[..., -1, :]
    codes = np.empty(signal.shape, np.int8)
    for first in range(0, signal.shape[-2], FRAMES_AT_ONCE):
        frames = (..., slice(first, first + FRAMES_AT_ONCE), slice(None))
        noise = _noise(signal[frames], before)
        codes[frames] = _codes(signal[frames], noise)
        before = noise[..., -1, :]
    return codes


def _codes(signal, noise):
    """Codes of frames and the noise in them; signal, kept, 64 snr and value are whole numbers in the front end."""
    kept = np.floor(np.maximum(signal - noise, LEAST_KEPT * signal))
    snr = 8 * kept * (8 * noise + PCAN_OFFSET) ** -PCAN_STRENGTH
    shrunk = np.floor(64 * np.where(snr < 2, snr * snr / 4, snr - 1))
    return code_of_value(np.rint(LOG_SCALE * np.log(np.maximum(8 * shrunk, 1))))


def code_of_value(value):
    """Codes int8 of the front end's values uint16, in the component's arithmetic."""
    return np.clip((np.asarray(value, np.int64) * 256 + 333) // 666 - 128, -128, 127).astype(np.int8)
