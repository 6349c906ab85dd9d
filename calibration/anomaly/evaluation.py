"""What a model of anomalies hears in test recordings, by the C library that ships, beside Mahalanobis distances.

    python -m calibration.evaluate RECIPE [FOLDER]        FOLDER: as DATA/<sound>/test; writes BUILD/RECIPE/evaluation.json

The area under the ROC curve (AUC) is of the highest score of each recording; delays are from a fault's onset to the first
detection after it.  The Mahalanobis distance of scikit-learn has the same features of the same training recordings, that of a
linear prediction its errors, from the hop before; its square by the number of bands is smoothed, detected and calibrated as
a surprise.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics import roc_auc_score

from calibration.anomaly.records import AnomalyEvaluation, AnomalyFigures, FaultFigures
from calibration.anomaly.threshold import alarms, thresholds_for
from calibration.detector import DetectorRule, smooth_levels
from calibration.models import open_exported
from calibration.records import Delay
from calibration.significance import poisson
from firmware.files import write_json
from firmware.host.binding import UNIT
from firmware.markdown import table
from firmware.paths import build_folder, data_folder
from train.anomaly.deviations import linear_prediction, prediction_errors
from train.anomaly.sound import labelled_sound, normal_sound


@dataclass(frozen=True)
class Scorer:
    """A way to score: its threshold, UQ4.12, and the scores of the tests, each uint16 [hops]."""

    threshold: int
    heard: list


def by_network(spotter, tests):
    """The Scorer of an exported model, each recording a stream of its own."""
    heard = []
    for test in tests:
        spotter.reset()
        heard.append(spotter.hear(test.pcm).smoothed[:, 0])
    return Scorer(int(spotter.thresholds[0]), heard)


def by_mahalanobis(vectors_of, sound, tests, rule, rate, hop_ms):
    """The Scorer of Mahalanobis distances; vectors_of: makes the vectors of a recording of its codes; rate: of false alarms an
    hour on the sound held out."""
    covariance = EmpiricalCovariance().fit(np.concatenate([vectors_of(codes) for codes in sound.training]))

    def smoothed(codes):
        squares = covariance.mahalanobis(vectors_of(codes)) / codes.shape[1]
        levels = np.minimum(np.rint(UNIT["anomaly"] * squares), 65535).astype(np.int64)
        return smooth_levels(levels[None, :, None], rule.smoothing_shift)[0, :, 0]

    (threshold,) = thresholds_for([smoothed(codes) for codes in sound.held_out], hop_ms, [rate])
    return Scorer(threshold, [smoothed(test.codes) for test in tests])


def figures_of(scorer, tests, rule, hop_ms):
    """The AnomalyFigures of a Scorer."""
    found = [hop_ms * (hops + 1) for hops in alarms(scorer.heard, scorer.threshold, rule)]
    highest = np.array([score.max() for score in scorer.heard])
    normal = np.array([test.fault is None for test in tests])
    before = sum(
        int((times <= test.onset_ms).sum()) if test.fault else len(times)
        for test, times in zip(tests, found, strict=True)
    )
    quiet_ms = sum(test.onset_ms if test.fault else hop_ms * len(test.codes) for test in tests)
    faults = {}
    for fault in sorted({test.fault for test in tests if test.fault}):
        own = np.array([test.fault == fault for test in tests])
        delays = []
        for place in np.flatnonzero(own):
            after = found[place][found[place] > tests[place].onset_ms] - tests[place].onset_ms
            delays += [after[0]] if len(after) else []
        faults[fault] = FaultFigures(
            recordings=int(own.sum()),
            auc=float(roc_auc_score(own[own | normal], highest[own | normal])),
            found=len(delays),
            delay_ms=Delay.of(delays),
        )
    return AnomalyFigures(
        threshold=scorer.threshold / UNIT["anomaly"],
        auc=float(roc_auc_score(~normal, highest)),
        false_alarms=before,
        hours=quiet_ms / 3.6e6,
        faults=faults,
    )


def evaluate(recipe, folder):
    """The AnomalyEvaluation of a MachineRecipe on a folder."""
    model, spotter, origin = open_exported(recipe.name, "anomaly")
    print(f"evaluating {origin}")
    about, hop_ms = spotter.model, model.frontend.hop_ms
    rule = DetectorRule.of(about)
    tests, sound = labelled_sound(recipe, folder), normal_sound(recipe, data_folder())
    weights = linear_prediction([codes.astype(float) for codes in sound.training])
    by = sound, tests, rule, recipe.detector.false_alarms_per_hour, hop_ms
    scorers = {
        "network": by_network(spotter, tests),
        "linear prediction": by_mahalanobis(lambda codes: prediction_errors(weights, codes.astype(float)), *by),
        "Mahalanobis": by_mahalanobis(lambda codes: codes.astype(float), *by),
    }
    return AnomalyEvaluation(
        recipe=recipe.name,
        model_sha256=about.model_sha256,
        test=str(folder),
        figures={name: figures_of(scorer, tests, rule, hop_ms) for name, scorer in scorers.items()},
    )


def seconds_text(delay_ms):
    """A delay, or None, as text."""
    return "-" if delay_ms is None else f"{delay_ms / 1000:.1f} s"


def rows_of(figures, name):
    """Rows of the table: each fault, then all; figures: an AnomalyFigures."""
    low, high = poisson(figures.false_alarms, figures.hours)
    for fault, about in figures.faults.items():
        delay = seconds_text(about.delay_ms.median)
        yield name, fault, f"{about.auc:.2f}", f"{about.found} of {about.recordings}", delay, ""
    rate = f"{figures.false_alarms} in {figures.hours:.2f} h ({low:.0f} to {high:.0f} an hour)"
    yield name, "all", f"{figures.auc:.2f}", "", "", rate


HEADER = ("score", "fault", "AUC", "found", "median delay", "false alarms")


def evaluate_and_write(recipe, folder):
    """Write BUILD/<recipe>/evaluation.json; prints the table."""
    evaluation = evaluate(recipe, folder)
    path = build_folder() / recipe.name / "evaluation.json"
    write_json(path, evaluation)
    rows = [row for name, figures in evaluation.figures.items() for row in rows_of(figures, name)]
    print(f"{table(HEADER, rows)}\n{path}")
