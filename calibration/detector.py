"""The detector in numpy: the reference that firmware/library/detector.c must equal bit for bit."""

from dataclasses import dataclass

import numpy as np

from firmware.integers import posteriors


def smooth(logits, smoothing_shift):
    """Smoothed posteriors int [clips, hops, labels], Q1.30, of logits Q5.10 [clips, hops, labels], from zero."""
    smoothed = np.zeros((logits.shape[0], logits.shape[2]), np.int64)
    steps = []
    for posterior in posteriors(logits).transpose(1, 0, 2):
        smoothed = smoothed + ((posterior << 15) - smoothed >> smoothing_shift)
        steps.append(smoothed)
    return np.stack(steps, axis=1)


@dataclass(frozen=True)
class OperatingPoint:
    """The fields of struct kws_operating_point."""

    threshold: int  # of a smoothed posterior, UQ1.15
    smoothing_shift: int
    refractory_hops: int

    def __post_init__(self):
        for name, low, high in (("threshold", 1, 32768), ("smoothing_shift", 0, 6), ("refractory_hops", 0, 255)):
            value = getattr(self, name)
            if not (isinstance(value, int) and low <= value <= high):
                raise ValueError(f"operating point: {name} = {value} is not a whole number from {low} to {high}")

    @classmethod
    def of(cls, calibration):
        """The point in the value of calibration.json; ValueError where one of its numbers is none or out of range."""
        if not isinstance(calibration["threshold"], float | int):
            raise ValueError(f"operating point: threshold = {calibration['threshold']!r} is not a number from 0 to 1")
        return cls(
            round(calibration["threshold"] * 32768), calibration["smoothing_shift"], calibration["refractory_hops"]
        )


def detect(smoothed, keywords, point):
    """The label detected at each hop of one stream, or the number of labels; smoothed int [hops, labels]."""
    none = smoothed.shape[1]
    held, waiting, detected = none, 0, []
    for hop in smoothed[:, :keywords]:
        label = int(hop.argmax())
        above = hop[label] >= point.threshold << 15
        if not above:
            held = none
        fires = above and not waiting and label != held
        waiting = point.refractory_hops if fires else max(0, waiting - 1)
        held = label if fires else held
        detected.append(label if fires else none)
    return np.array(detected, np.uint8)
