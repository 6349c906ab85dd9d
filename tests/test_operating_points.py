"""Operating points on streams made by hand: each keyword's threshold, and what is allowed."""

import numpy as np

from calibration.detector import DetectorRule
from calibration.operating_points import CRITERIA, choose_points, lowest_threshold
from calibration.streams.events import Event
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard

WORDS = ("yes", "no")
RULE = DetectorRule(2, 30)
HOUR = 180_000
"""Hops."""


def heard_of(hops, *bursts, events=()):
    """A Heard whose smoothed posteriors are bursts of ten hops, (first, label, 0..1)."""
    smoothed = np.zeros((hops, 2), np.uint16)
    for first, label, value in bursts:
        smoothed[first : first + 10, label] = round(value * 32768)
    return Heard(smoothed, 20, WORDS, Said.of(list(events), WORDS))


def test_a_keyword_pays_for_its_own_false_accepts():
    noise = heard_of(2 * HOUR, (1000, 0, 0.9), (5000, 0, 0.8), (9000, 0, 0.7), (12000, 1, 0.6))
    one = [lowest_threshold("noise", noise, RULE, label, 1) / 32768 for label in (0, 1)]
    assert 0.8 < one[0] <= 0.84 and 0.5 <= one[1] < 0.56, "the second best of `yes`, and about one half"
    assert 0.9 < lowest_threshold("noise", noise, RULE, 0, 0) / 32768 < 0.93


def test_points_rise_and_each_holds_its_criterion():
    others = [Event(1000 * place + 200, 1000 * place + 700, "house") for place in range(200)]
    words = heard_of(HOUR, *((50 * place + 20, 0, 0.3 + 0.003 * place) for place in range(200)), events=others)
    noise = heard_of(2 * HOUR, (1000, 1, 0.95), (3000, 1, 0.97), (5000, 1, 0.99))
    speech = heard_of(HOUR // 2, (1000, 0, 0.96))
    heard = {"noise": noise, "words": words, "sentences": speech}
    points = {point["name"]: point for point in choose_points(heard, RULE)}
    assert list(points) == ["balanced", "strict", "eager"]
    for word in WORDS:
        rising = [points[name]["thresholds"][word] for name in CRITERIA]
        assert rising == sorted(rising)
    assert points["eager"]["validation"]["noise"]["false_accepts"] <= 2
    assert points["balanced"]["validation"]["words"]["others_accepted"] <= 2 < 200
    assert points["strict"]["validation"]["sentences"]["false_accepts"] == 0
    assert points["eager"]["thresholds"]["yes"] < 0.56 < points["balanced"]["thresholds"]["yes"]
