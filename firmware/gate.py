"""The gate of the front end in numpy: the bit-exact reference of firmware/library/gate.c."""

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


def awake_hops(pcm, frontend):
    """Whether a front end with the gate hears each hop of a new stream, bool [hops]; pcm int16 [samples]."""
    longest = AWAKE_S * SAMPLE_RATE_HZ // frontend.hop_samples
    shift = 1 if frontend.hop_ms == 20 else 2
    margin, floor, level, left, awake = frontend.hop_samples >> MARGIN_SHIFT, None, None, 0, []
    for energy in energies(pcm, frontend.hop_samples).tolist():
        if floor is None:
            floor = level = energy
        level = level - (level >> shift) + (energy >> shift)
        usual = floor + margin
        left = longest if not awake or level > usual + (usual >> 1) else max(0, left - 1)
        floor = followed(floor, level)
        awake.append(left > 0)
    return np.array(awake, bool)
