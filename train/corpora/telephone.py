"""A simulated telephone line for speech at 16 kHz.

A band-pass of 300 to 3400 Hz (Butterworth, fourth order at each edge, causal), resampling to 8 kHz and back, and in between 8-bit
mu-law by its formula (mu = 255; G.711 approximates it by segments).  No line noise, no echo, no lost packets.
"""

import numpy as np
import soxr
from scipy.signal import butter, sosfilt

from firmware.audio.recordings import FULL_SCALE, as_pcm
from firmware.frontend import SAMPLE_RATE_HZ

BAND_HZ = (300, 3400)
LINE_RATE_HZ = 8000
MU = 255
CODES = 127
"""Number of magnitudes of an 8-bit code with a sign."""

_BAND_PASS = butter(4, BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")


def companded(wave):
    """Samples, as shares of full scale, rounded to the nearest 8-bit mu-law code."""
    codes = np.rint(CODES * np.log1p(MU * np.abs(wave)) / np.log1p(MU))
    return np.sign(wave) * np.expm1(codes / CODES * np.log1p(MU)) / MU


def through_telephone(pcm):
    """PCM int16 [samples] at 16 kHz after the telephone line, with the same number of samples."""
    line = soxr.resample(sosfilt(_BAND_PASS, pcm / FULL_SCALE), SAMPLE_RATE_HZ, LINE_RATE_HZ, quality="VHQ")
    heard = soxr.resample(companded(np.clip(line, -1, 1)), LINE_RATE_HZ, SAMPLE_RATE_HZ, quality="VHQ")[: len(pcm)]
    return as_pcm(np.pad(heard, (0, len(pcm) - len(heard))))


def some_through_telephone(random, recordings, probability):
    """Recordings, each with this probability passed through the line; draws nothing if the probability is 0."""
    if not probability:
        return recordings
    return [through_telephone(pcm) if random.random() < probability else pcm for pcm in recordings]
