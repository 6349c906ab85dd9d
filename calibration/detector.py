"""The detector in numpy: the bit-exact reference of firmware/library/detector.c."""

from dataclasses import dataclass

import numpy as np

from firmware.generate.integers import posteriors
from firmware.host.binding import CERTAIN, NOTHING
from firmware.model_json import require_thresholds


def smooth(logits, keywords, smoothing_shift):
    """Smoothed posteriors uint16 [clips, hops, keywords], UQ1.15, of logits Q5.10 [clips, hops, labels]; zero at the start."""
    return smooth_levels(posteriors(logits)[:, :, :keywords], smoothing_shift)


def smooth_levels(levels, smoothing_shift):
    """Posteriors, or surprises, int [clips, hops, keywords], smoothed: uint16 of the same shape; zero at the start."""
    smoothed, steps = np.zeros_like(levels[:, 0]), np.empty(levels.shape, np.uint16)
    for hop, level in enumerate(levels.transpose(1, 0, 2)):
        smoothed = smoothed + (level - smoothed >> smoothing_shift)
        steps[:, hop] = smoothed
    return steps


def require_in_range(what, value, low, high):
    """ValueError unless a value is an int from low to high."""
    if not (isinstance(value, int) and low <= value <= high):
        raise ValueError(f"detector: {what} = {value!r} is not a whole number from {low} to {high}")


@dataclass(frozen=True)
class DetectorRule:
    """The fields of struct kws_detector_rule."""

    smoothing_shift: int = 2
    refractory_hops: int = 30
    confirm_hops: int = 0

    def __post_init__(self):
        require_in_range("smoothing_shift", self.smoothing_shift, 0, 8)
        require_in_range("refractory_hops", self.refractory_hops, 0, 255)
        require_in_range("confirm_hops", self.confirm_hops, 0, 255)

    @classmethod
    def of_recipe(cls, recipe):
        """The rule that a recipe's times in ms come to."""
        detector, hop_ms = recipe.detector, recipe.front.hop_ms
        return cls(detector.smoothing_shift, detector.refractory_ms // hop_ms, detector.confirm_ms // hop_ms)

    @classmethod
    def of(cls, record):
        """The rule in a ModelJson or Calibration."""
        return cls(record.smoothing_shift, record.refractory_hops, record.confirm_hops)


@dataclass(frozen=True)
class OperatingPoint:
    """A name and a threshold for each keyword: UQ1.15, or UQ4.12 of a score."""

    name: str
    thresholds: tuple

    @classmethod
    def of(cls, point, words, unit=CERTAIN):
        """That of a record with thresholds by keyword, for keywords in order; unit: the code of a threshold of 1."""
        return cls(point.name, tuple(round(point.thresholds[word] * unit) for word in words))

    def __post_init__(self):
        for threshold in self.thresholds:
            require_in_range(f"threshold of operating point {self.name}", threshold, 0, 65535)


@dataclass(frozen=True)
class Detector:
    """The detector of a model: its rule, and its operating points, the first being the default."""

    rule: DetectorRule
    points: tuple

    @classmethod
    def of(cls, record, words, unit=CERTAIN):
        """The Detector in a ModelJson or Calibration, for keywords in order; ValueError if the record has other keywords."""
        require_thresholds(record.operating_points, words)
        points = (OperatingPoint.of(point, words, unit) for point in record.operating_points)
        return cls(DetectorRule.of(record), tuple(points))

    @classmethod
    def with_one_threshold(cls, threshold, keywords, detector_rule=None):
        """A Detector with one operating point, `balanced`, and one threshold, UQ1.15, for every keyword."""
        return cls(detector_rule or DetectorRule(), (OperatingPoint("balanced", (threshold,) * keywords),))


def detect(smoothed, thresholds, detector_rule):
    """The label detected at each hop of one stream, uint8 [hops], or NOTHING; smoothed uint16 [hops, keywords].

    Only hops with a candidate are visited, so that hours of stream can be scored at many thresholds.
    """
    reached = smoothed >= np.asarray(thresholds)
    hops = np.flatnonzero(reached) // reached.shape[1]
    hops = hops[np.diff(hops, prepend=-1) > 0]
    candidates = np.where(reached[hops], smoothed[hops].astype(np.int32), -1).argmax(axis=1)
    detected = np.full(len(smoothed), NOTHING, np.uint8)
    before, candidate, held, confirmed, free_from = -2, NOTHING, NOTHING, 0, 0
    for hop, label in zip(hops.tolist(), candidates.tolist(), strict=True):
        if hop != before + 1:
            candidate = held = NOTHING
        confirmed = confirmed + 1 if label == candidate else 0
        before, candidate = hop, label
        if hop >= free_from and label != held and confirmed >= detector_rule.confirm_hops:
            detected[hop] = held = label
            free_from = hop + detector_rule.refractory_hops + 1
    return detected
