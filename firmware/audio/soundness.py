"""Checks of decoded sound: finite, full scale 1, channels not in antiphase, not clipped."""

import numpy as np

FULL_SCALE = 32768
"""Largest magnitude of an int16 sample."""
LOUDEST = 8.0
"""Largest plausible peak of a float recording of full scale 1; int16 values written as float reach hundreds."""
CANCELLED = 0.01
"""Ratio of the power of the channels' average to their own power below which they cancel each other: -20 dB."""
SILENT_STEPS = 2
"""Largest range of digital silence in steps of int16: zeros, zeros with dither, a constant."""


class Soundness:
    """Statistics of the sound of a recording so far."""

    def __init__(self, channels):
        self.channels, self.frames, self.low, self.high = channels, 0, np.inf, -np.inf
        self._clipped, self._power, self._of_average = 0, 0.0, 0.0

    @property
    def clipped_share(self):
        """Share of samples at or beyond full scale."""
        return self._clipped / max(1, self.frames * self.channels)

    @property
    def is_silent(self):
        return _is_silent_span(self.low * FULL_SCALE, self.high * FULL_SCALE)

    @property
    def is_cancelled(self):
        """Whether the average of the channels is nearly silent, and they are not."""
        return self._of_average < CANCELLED * self._power and not self.is_silent

    def hear(self, block, average):
        """Add frames float64 [frames, channels] and their average [frames]; returns the reason to refuse them, or None."""
        if not len(block):
            return None
        self.frames += len(block)
        low, high = block.min(), block.max()
        peak = max(high, -low)
        if not np.isfinite(peak):
            return "contains samples that are not finite"
        self.low, self.high = min(self.low, low), max(self.high, high)
        if peak > LOUDEST:
            return (
                f"float samples up to {peak:.0f}, but full scale is 1: integers written as float; write them as "
                f"integers, or divide them by {FULL_SCALE}"
            )
        if peak >= 1 - 1 / FULL_SCALE:
            self._clipped += np.count_nonzero(np.abs(block) >= 1 - 1 / FULL_SCALE)
        if self.channels > 1:  # sums without BLAS, whose threads block each other on a busy machine
            self._power += np.square(block).sum() / self.channels
            self._of_average += np.square(average).sum()
        return None


def average_of(block):
    """float64 [frames] of frames float64 [frames, channels]."""
    if block.shape[1] == 2:  # equal to mean(), ten times faster
        return (block[:, 0] + block[:, 1]) / 2
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)


def is_silent(pcm):
    """Whether PCM int16 is digital silence."""
    return not len(pcm) or _is_silent_span(int(pcm.min()), int(pcm.max()))


def _is_silent_span(low, high):
    """Whether samples from low to high, in steps of int16, are digital silence."""
    return high - low <= SILENT_STEPS
