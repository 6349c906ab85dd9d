"""A telephone line for wide-band speech: what is spoken at 16 kHz as it would arrive after a call.

A band-pass of 300 to 3400 Hz (Butterworth, fourth order at each edge, causal), 8 kHz and back, and in between 8-bit
mu-law as one formula (mu = 255; G.711 approximates it by segments).  No line noise, no echo, no lost packets.
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
"""Magnitudes of a code of eight bits with its sign."""

_BAND_PASS = butter(4, BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")


def companded(wave):
    """Shares of full scale as the nearest of the 8-bit mu-law's."""
    codes = np.rint(CODES * np.log1p(MU * np.abs(wave)) / np.log1p(MU))
    return np.sign(wave) * np.expm1(codes / CODES * np.log1p(MU)) / MU


def through_telephone(pcm):
    """PCM int16 [samples] at 16 kHz, as many samples as before."""
    line = soxr.resample(sosfilt(_BAND_PASS, pcm / FULL_SCALE), SAMPLE_RATE_HZ, LINE_RATE_HZ, quality="VHQ")
    heard = soxr.resample(companded(np.clip(line, -1, 1)), LINE_RATE_HZ, SAMPLE_RATE_HZ, quality="VHQ")[: len(pcm)]
    return as_pcm(np.pad(heard, (0, len(pcm) - len(heard))))


def some_through_telephone(random, recordings, probability):
    """Each of some recordings, by chance through a telephone; nothing is drawn where the probability is 0."""
    if not probability:
        return recordings
    return [through_telephone(pcm) if random.random() < probability else pcm for pcm in recordings]
