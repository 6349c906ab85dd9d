"""Figures of one kind of stream at given thresholds, and over a sweep of thresholds (DET curve).

A stream is given by its smoothed posteriors, hop and events; no PCM is needed.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from calibration.detector import detect
from calibration.records import Delay, DetRow, Recall, WordFigures
from calibration.significance import poisson, wilson
from calibration.streams.events import GROUPS
from calibration.streams.scoring import Said, ScoringRule, detections_of, score
from firmware.host.binding import CERTAIN

THRESHOLDS = 60
LOG_ODDS = (-3.0, 8.0)
MOVES = (-7.0, 5.0)
"""Range of a DET curve: how far an operating point's thresholds are moved, in log-odds."""


@dataclass(frozen=True)
class Heard:
    """A model's output on one kind of stream."""

    smoothed: np.ndarray  # uint16 [hops, keywords], UQ1.15
    hop_ms: int
    words: tuple  # the keywords
    said: Said
    asleep: float = 0.0  # share of the hops in which the gate slept

    def hours(self, scoring_rule=ScoringRule()):
        """Hours in which no keyword can be hit."""
        return self.said.negative_hours(len(self.smoothed) * self.hop_ms, scoring_rule)


def of_log_odds(log_odds):
    """Thresholds int, UQ1.15, of shares given as log-odds."""
    return np.rint(CERTAIN / (1 + np.exp(-np.asarray(log_odds)))).astype(int)


def even_thresholds():
    """THRESHOLDS thresholds, UQ1.15, rising, evenly spaced in log-odds."""
    return np.unique(of_log_odds(np.linspace(*LOG_ODDS, THRESHOLDS))).tolist()


def moved(thresholds, by_log_odds):
    """Thresholds UQ1.15, all moved by the same log-odds."""
    shares = np.clip(np.asarray(thresholds) / CERTAIN, 1e-4, 1 - 1e-4)
    return of_log_odds(np.log(shares / (1 - shares)) + by_log_odds)


def share(successes, count):
    """{share, low, high}: a share with its 95 % Wilson interval, all None without a count."""
    low, high = wilson(successes, count) if count else (None, None)
    return {"share": successes / count if count else None, "low": low, "high": high}


def figures(found, hours):
    """The fields of DetFigures for a Score."""
    return {
        "misses": found.misses,
        "keywords": len(found.delays_ms),
        "false_accepts": len(found.false_accepts),
        "fa_per_hour": len(found.false_accepts) / hours,
    }


def all_figures(found, hours):
    """The fields of Figures for a Score."""
    low, high = poisson(len(found.false_accepts), hours)
    missed, delays_ms = share(found.misses, len(found.delays_ms)), found.delays_ms[~np.isnan(found.delays_ms)]
    return {
        **figures(found, hours),
        "low": low,
        "high": high,
        "miss_low": missed["low"],
        "miss_high": missed["high"],
        "wrong_words": found.wrong_words,
        "late": found.late,
        "others": len(found.others_accepted),
        "others_accepted": int(found.others_accepted.sum()),
        "delay_ms": Delay.of(delays_ms),
    }


def score_detected(heard, detected, scoring_rule=ScoringRule()):
    """The Score of a detector's labels [hops] on a Heard."""
    return score(detections_of(detected, heard.hop_ms, heard.words), heard.said, scoring_rule)


def by_word(found, said, thresholds):
    """{word: WordFigures} of a Score of a Said at {word: threshold}."""
    words = np.array([event.word for event in said.keywords])
    accepted, missed = Counter(word for _, word in found.false_accepts), np.isnan(found.delays_ms)
    return {
        word: WordFigures(
            threshold=threshold,
            misses=int((missed & (words == word)).sum()),
            keywords=int((words == word).sum()),
            false_accepts=accepted[word],
        )
        for word, threshold in thresholds.items()
    }


def sweep(heard, point, detector_rule, scoring_rule=ScoringRule()):
    """The DetRows of a DET curve: an operating point's thresholds, moved together."""
    hours, rows = heard.hours(scoring_rule), []
    for log_odds in np.linspace(*MOVES, THRESHOLDS).tolist():
        thresholds = moved(point.thresholds, log_odds)
        found = score_detected(heard, detect(heard.smoothed, thresholds, detector_rule), scoring_rule)
        words = by_word(found, heard.said, dict(zip(heard.words, (thresholds / CERTAIN).tolist(), strict=True)))
        rows.append(DetRow(log_odds=log_odds, words=words, **figures(found, hours)))
    return tuple(rows)


def recall(found, said):
    """{column: {value: Recall}} of a Score, by word and by the columns GROUPS of the events."""
    counts = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for event, delay_ms in zip(said.keywords, found.delays_ms, strict=True):
        for column, value in (("word", event.word), *event.about.items()):
            if column == "word" or column in GROUPS:
                counts[column][value][0] += int(not np.isnan(delay_ms))
                counts[column][value][1] += 1
    return {
        column: {
            value: Recall(heard=heard, keywords=count, **share(heard, count))
            for value, (heard, count) in sorted(values.items())
        }
        for column, values in counts.items()
    }
