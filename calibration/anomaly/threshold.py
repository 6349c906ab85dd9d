"""Calibration of a model of anomalies: the threshold of its score, from normal sound that training did not hear.

The highest score of each block of BLOCK_S has nearly a Gumbel distribution, which is fitted to the blocks of all recordings held
out.  A threshold for so many false alarms an hour is the score that so many blocks of an hour exceed by that distribution: there
may be far less than an hour of sound.  What the detector makes of the sound itself is counted beside it.
"""

from dataclasses import asdict

import numpy as np
from scipy.stats import gumbel_r

from calibration.anomaly.records import AnomalyCalibration, AnomalyPoint
from calibration.anomaly.score import scores
from calibration.detector import detect
from calibration.models import load_model
from calibration.significance import poisson
from firmware.files import write_json
from firmware.host.binding import NOTHING, UNIT
from firmware.paths import build_folder, data_folder
from train.anomaly.recipe import ANOMALY
from train.anomaly.sound import normal_sound

BLOCK_S = 5
POINTS = {"balanced": 1.0, "eager": 10.0, "strict": 0.1}
"""Operating points: false alarms an hour, in units of the recipe's rate.  The first is in force at the start."""


def block_maxima(heard, hop_ms):
    """The highest score of each whole block of recordings, each [hops]; a shorter recording is a block."""
    block, maxima = BLOCK_S * 1000 // hop_ms, []
    for score in heard:
        count = max(1, len(score) // block)
        maxima += [part.max() for part in np.array_split(score[: count * block], count)]
    return np.array(maxima, float)


def thresholds_for(heard, hop_ms, rates):
    """The threshold, UQ4.12, for each rate of false alarms an hour, from scores of normal recordings, each [hops]."""
    place, scale = gumbel_r.fit(block_maxima(heard, hop_ms))
    blocks = 3600 / BLOCK_S
    return [int(np.clip(np.ceil(gumbel_r.isf(min(rate / blocks, 0.99), place, scale)), 1, 65535)) for rate in rates]


def alarms(heard, threshold, rule):
    """The hops of each recording at which an anomaly is detected."""
    return [np.flatnonzero(detect(score[:, None], (threshold,), rule) != NOTHING) for score in heard]


def point_line(point):
    """An AnomalyPoint as text."""
    low, high = poisson(point.false_alarms, point.hours)
    return (
        f"{point.name}: threshold {point.thresholds[ANOMALY]:.2f} for {point.false_alarms_per_hour:g} false alarms an hour; "
        f"{point.false_alarms} in {point.hours:.2f} h held out ({low:.1f} to {high:.1f} an hour)"
    )


def calibrate(recipe, rule):
    """Write BUILD/<recipe>/calibration.json of a MachineRecipe; rule: its DetectorRule."""
    model, origin = load_model(recipe.name)
    print(f"calibrating {origin}")
    heard = scores(model.quantize(), normal_sound(recipe, data_folder()).held_out, rule.smoothing_shift)
    hours, unit = sum(map(len, heard)) * recipe.front.hop_ms / 3.6e6, UNIT[model.task]
    rates = [share * recipe.detector.false_alarms_per_hour for share in POINTS.values()]
    points = tuple(
        AnomalyPoint(
            name=name,
            thresholds={ANOMALY: threshold / unit},
            false_alarms_per_hour=rate,
            false_alarms=sum(map(len, alarms(heard, threshold, rule))),
            hours=hours,
        )
        for name, rate, threshold in zip(POINTS, rates, thresholds_for(heard, recipe.front.hop_ms, rates), strict=True)
    )
    calibration = AnomalyCalibration(
        recipe=recipe.name,
        weights_sha256=model.sha256(),
        mean_score=float(np.concatenate(heard).mean() / unit),
        **asdict(rule),
        operating_points=points,
    )
    path = build_folder() / recipe.name / "calibration.json"
    write_json(path, calibration)
    print("\n".join([f"mean score {calibration.mean_score:.2f}", *map(point_line, points), str(path)]))
