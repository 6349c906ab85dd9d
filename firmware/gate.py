"""The gates in numpy, bit-exact: of the front end by level (firmware/library/gate.c), of a model by voice (voice.c)."""

import numpy as np

from firmware.frontend import SAMPLE_RATE_HZ

AWAKE_S = 1
RISING_SHIFT, FALLING_SHIFT = 10, 6
MARGIN_SHIFT = 3


def energies(pcm, hop_samples):
    """The energy of each whole hop, int [hops]: of the differences of halved samples four apart, / 64."""
    hops = len(pcm) // hop_samples
    blocks = np.asarray(pcm[: hops * hop_samples], np.int64).reshape(hops, hop_samples // 8, 2, 4) >> 1
    return np.square(blocks[:, :, 1] - blocks[:, :, 0]).sum((1, 2)) >> 6


def followed(floor, level):
    """The floor after a hop, whose level moves it by its side alone."""
    if level < floor:
        return floor - (floor >> FALLING_SHIFT) - 1
    return floor if level == floor else floor + (floor >> RISING_SHIFT) + 1


def loud_hops(pcm, frontend):
    """Whether each hop of a new stream is loud, bool [hops], or its first; pcm int16 [samples]."""
    shift = 1 if frontend.hop_ms == 20 else 2
    margin, floor, level, loud = frontend.hop_samples >> MARGIN_SHIFT, None, None, []
    for energy in energies(pcm, frontend.hop_samples).tolist():
        if floor is None:
            floor = level = energy
        level = level - (level >> shift) + (energy >> shift)
        usual = floor + margin
        loud.append(not loud or level > usual + (usual >> 1))
        floor = followed(floor, level)
    return np.array(loud, bool)


def held_open(opened, frontend):
    """Whether a gate is open at each hop, bool [hops]: from each that opens it on for a second; opened: bool [hops]."""
    hops = np.arange(len(opened))
    last = np.maximum.accumulate(np.where(opened, hops, -len(opened) - SAMPLE_RATE_HZ))
    return hops - last < AWAKE_S * SAMPLE_RATE_HZ // frontend.hop_samples


def awake_hops(pcm, frontend):
    """Whether a front end with the gate hears each hop of a new stream, bool [hops]; pcm int16 [samples]."""
    return held_open(loud_hops(pcm, frontend), frontend)
