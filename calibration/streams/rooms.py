"""Synthetic rooms: the direct sound, followed by noise that decays exponentially (Polack 1988)."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve

from firmware.frontend import SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Room:
    decay_ms: float  # time in which the echo falls by 60 dB
    direct_db: float  # energy of the direct sound over that of all echo

    def __str__(self):
        return f"{self.decay_ms:.0f} ms, {self.direct_db:.1f} dB"


def draw_room(random, kind):
    """A random Room for a word of a kind, or None for a word without echo."""
    if random.random() >= kind.room_probability:
        return None
    return Room(random.uniform(*kind.room_decay_ms), random.uniform(*kind.room_direct_db))


def response(random, room):
    """The impulse response float64: the direct sound, 1 at sample 0, then the echo."""
    samples = round(room.decay_ms * SAMPLE_RATE_HZ / 1000)
    echo = random.normal(size=samples) * 10 ** (-3 * np.arange(samples) / samples)
    echo[0] = 0
    echo *= 10 ** (-room.direct_db / 20) / np.sqrt(np.square(echo).sum())
    echo[0] = 1
    return echo


def heard_in(random, room, wave):
    """The wave with its echo, which makes it longer; unchanged without a room."""
    return wave if room is None else fftconvolve(wave, response(random, room))
