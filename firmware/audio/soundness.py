"""Whether decoded sound is what it should be: finite, of full scale 1, its channels not against each other, not clipped."""

import numpy as np

FULL_SCALE = 32768
"""The largest magnitude of a sample, int16."""
LOUDEST = 8.0
"""A peak beyond it is of no float recording of full scale 1: int16 written as float has hundreds."""
CANCELLED = 0.01
"""Power of the channels' average over their own, from which down they cancel each other: 20 dB."""
SILENT_STEPS = 2
"""Digital silence spans no more steps of int16: zeros, zeros with dither, a constant."""


class Soundness:
    """What is known of a recording's sound so far."""

    def __init__(self, channels):
        self.channels, self.frames, self.low, self.high = channels, 0, np.inf, -np.inf
        self._clipped, self._power, self._of_average = 0, 0.0, 0.0

    @property
    def clipped_share(self):
        """Samples at full scale or beyond, of all."""
        return self._clipped / max(1, self.frames * self.channels)

    @property
    def is_silent(self):
        return _is_silent_span(self.low * FULL_SCALE, self.high * FULL_SCALE)

    @property
    def is_cancelled(self):
        """Whether the channels leave nearly nothing of each other."""
        return self._of_average < CANCELLED * self._power and not self.is_silent

    def hear(self, block, average):
        """Take in frames float64 [frames, channels] and their average [frames]; the reason to refuse them, or None."""
        if not len(block):
            return None
        self.frames += len(block)
        low, high = block.min(), block.max()
        peak = max(high, -low)
        if not np.isfinite(peak):
            return "holds samples that are not finite"
        self.low, self.high = min(self.low, low), max(self.high, high)
        if peak > LOUDEST:
            return (
                f"float samples up to {peak:.0f}, where full scale is 1: integers written as float; write them as "
                f"integers, or divide them by {FULL_SCALE}"
            )
        if peak >= 1 - 1 / FULL_SCALE:
            self._clipped += np.count_nonzero(np.abs(block) >= 1 - 1 / FULL_SCALE)
        if self.channels > 1:  # sums without BLAS, whose threads wait for each other on a busy machine
            self._power += np.square(block).sum() / self.channels
            self._of_average += np.square(average).sum()
        return None


def average_of(block):
    """float64 [frames] of frames float64 [frames, channels]."""
    if block.shape[1] == 2:  # the same as mean, and ten times faster
        return (block[:, 0] + block[:, 1]) / 2
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)


def is_silent(pcm):
    """Whether PCM int16 is digital silence."""
    return not len(pcm) or _is_silent_span(int(pcm.min()), int(pcm.max()))


def _is_silent_span(low, high):
    """Whether samples from low to high, in steps of int16, are digital silence."""
    return high - low <= SILENT_STEPS
