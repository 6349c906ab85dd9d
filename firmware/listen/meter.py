"""A peak meter: the largest sample of a hop in dB of full scale, a held maximum, and clipping."""

import math

import numpy as np

from firmware.audio.recordings import FULL_SCALE

FLOOR_DB = 20 * math.log10(1 / FULL_SCALE)
"""Level of the smallest sample that is not zero, -90.3 dB; also reported for silence."""
HOLD_SAMPLES = 24_000
"""1.5 s at 16 kHz."""


def peak_db(pcm):
    """The largest sample of PCM int16 in dB of full scale."""
    peak = int(np.abs(pcm.astype(np.int32)).max())
    return 20 * math.log10(max(peak, 1) / FULL_SCALE)


class Meter:
    """level_db: of the last hop.  held_db: the maximum of at least the last HOLD_SAMPLES.  clipping: whether they contain a
    sample at either end of the scale."""

    def __init__(self):
        self.level_db = self.held_db = FLOOR_DB
        self.clipping = False
        self._held_for = self._clean_for = 0  # samples

    def hear(self, pcm):
        self.level_db = peak_db(pcm)
        self._held_for += len(pcm)
        self._clean_for += len(pcm)
        if self.level_db >= self.held_db or self._held_for > HOLD_SAMPLES:
            self.held_db, self._held_for = self.level_db, 0
        if pcm.max() == FULL_SCALE - 1 or pcm.min() == -FULL_SCALE:
            self.clipping, self._clean_for = True, 0
        elif self._clean_for > HOLD_SAMPLES:
            self.clipping = False
