"""The interference of two sounds: their band energies add only on average.

    |X + N|^2 = |X|^2 + |N|^2 + 2 |X| |N| cos(phase)

The phases between sounds that know nothing of each other are random, independent from hop to hop, and independent between
frequencies that the window of the front end resolves.  In a band the cosines average out the more, the wider it is:
`make mixing` compares that with mixed samples.
"""

from functools import cache

import numpy as np

from firmware.frontend import FRAME_SAMPLES, SAMPLE_RATE_HZ, band_weights, mel_edges_hz

RESOLUTION_HZ = 1.5 * SAMPLE_RATE_HZ / FRAME_SAMPLES
"""The equivalent noise bandwidth of a Hann window (Harris 1978, table 1)."""
STEPS = 50
"""Steps of the integral over one RESOLUTION_HZ."""


@cache
def shares(frontend):
    """The share of each resolved frequency in each band, float32 [frequencies, bands]; those of a band add up to 1."""
    fine_hz = np.arange(0, frontend.high_hz, RESOLUTION_HZ / STEPS)
    resolved_hz = np.arange(0, mel_edges_hz(frontend)[-1] + RESOLUTION_HZ, RESOLUTION_HZ)[:, None]
    found = (abs(fine_hz - resolved_hz) <= RESOLUTION_HZ / 2) @ band_weights(frontend, fine_hz).T
    return (found / found.sum(0)).astype(np.float32)


class Interference:
    """Draws how two sounds interfere in the bands of a Frontend, hop by hop."""

    def __init__(self, frontend):
        self.shares = shares(frontend)

    def cosines(self, random, shape):
        """The mean cosine of the phase between two sounds in each band, float32 [*shape, bands], from -1 to 1."""
        turns = random.random((*shape, len(self.shares)), np.float32)
        return np.cos(np.float32(2 * np.pi) * turns) @ self.shares

    def echo(self, random, shape):
        """(power, cosines) of a diffuse echo, float32 [*shape, bands] each.

        A sum of many paths is a complex normal number at each frequency, of mean power 1.  cosines: amplitude times the cosine of
        the phase.
        """
        parts = random.standard_normal((2, *shape, len(self.shares)), np.float32) * np.float32(0.5**0.5)
        return np.square(parts).sum(0) @ self.shares, parts[0] @ self.shares


def together(one, other, cosines, power=1.0):
    """The energies of two sounds together, of those of each; power: of the other one, with a mean of 1."""
    return one + other * power + 2 * (one * other) ** 0.5 * cosines
