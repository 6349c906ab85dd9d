"""Records as commands write them, with ordinary figures that a test may replace."""

from calibration.records import (
    Confusion,
    Delay,
    Evaluation,
    MeasuredPoint,
    Negatives,
    Pairs,
    Recall,
    StreamFigures,
)

A, B = "a" * 64, "b" * 64
"""Any two hashes."""


def evaluation(**changes):
    """An Evaluation of two words, one of ten clips wrong."""
    figures = {
        "recipe": "r",
        "model_sha256": A,
        "clips": 10,
        "errors": 1,
        "accuracy": 0.9,
        "accuracy_low": 0.8,
        "accuracy_high": 0.95,
        "accuracy_streamed": 0.8,
        "accuracy_float": 0.9,
        "against": {"streamed": Pairs(lost=1, gained=0, p=1.0), "float": Pairs(lost=0, gained=0, p=1.0)},
        "order_sha256": B,
        "recall": {"yes": 5 / 6, "no": 1.0},
        "confusion": Confusion(labels=("yes", "no"), counts=((5, 1), (0, 4))),
        "predictions": {},
    }
    return Evaluation(**{**figures, **changes})


def measured_point(name, kind, **changes):
    """A MeasuredPoint of one keyword, a quarter of its twenty events missed."""
    figures = {
        "name": name,
        "kind": kind,
        "threshold": 0.8,
        "thresholds": {"yes": 0.8},
        "misses": 5,
        "keywords": 20,
        "false_accepts": 0,
        "fa_per_hour": 0.0,
        "low": 0.0,
        "high": 1.8,
        "miss_low": 0.11,
        "miss_high": 0.47,
        "wrong_words": 0,
        "late": 0,
        "others": 0,
        "others_accepted": 0,
        "delay_ms": Delay(median=40.0, p95=40.0),
    }
    return MeasuredPoint(**{**figures, **changes})


def stream_figures(det, points, hours=2.0, **changes):
    """StreamFigures of {kind: DetRows} and MeasuredPoints."""
    share = Recall(heard=15, keywords=20, share=0.75, low=0.53, high=0.89)
    figures = {
        "recipe": "r",
        "model_sha256": A,
        "stream": "s",
        "rule": {},
        "negatives": {kind: Negatives(hours=hours, recorded_hours=hours) for kind in det},
        "operating_points": tuple(points),
        "det": det,
        "recall": {kind: {"word": {"yes": share}, "gender": {"female": share}} for kind in det},
    }
    return StreamFigures(**{**figures, **changes})
