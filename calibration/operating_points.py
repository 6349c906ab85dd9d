"""Which thresholds a model ships with: three operating points, chosen on validation streams.

    eager       at most one false accept an hour over background noise
    balanced    and at most 1 % of other words accepted
    strict      and at most one false accept an hour of running speech

Some keywords sound like a kitchen and others like nothing else, so each has a threshold of its own: the lowest at which
it alone makes no more than its equal part of what is allowed, and at least one half.
"""

from bisect import bisect_left

from calibration.detector import detect
from calibration.streams.sweep import all_figures, even_thresholds, score_detected
from firmware.host import CERTAIN

NAMES = ("balanced", "strict", "eager")
"""In the order of a model's points."""

CRITERIA = {
    "eager": ("noise", "at most 1 false accept an hour over background noise"),
    "balanced": ("words", "and at most 1 % of other words accepted"),
    "strict": ("sentences", "and at most 1 false accept an hour of running speech"),
}
"""By rising thresholds: the kind of stream that decides, and in words."""

NEVER = 65535


def allowed(kind, heard):
    """How many events a criterion allows on the stream that decides."""
    return len(heard.said.others) // 100 if kind == "words" else int(heard.hours())


def counted(kind, found):
    return int(found.others_accepted.sum()) if kind == "words" else len(found.false_accepts)


def lowest_threshold(kind, heard, rule, label, most):
    """UQ1.15: the lowest of even_thresholds at which a keyword alone makes at most so many; the highest if none does."""
    rising = [threshold for threshold in even_thresholds() if threshold >= CERTAIN // 2]

    def holds(threshold):
        alone = [threshold if of == label else NEVER for of in range(len(heard.words))]
        return counted(kind, score_detected(heard, detect(heard.smoothed, alone, rule))) <= most

    return rising[min(bisect_left(rising, True, key=holds), len(rising) - 1)]


def figures_at(thresholds, heard, rule):
    """all_figures of a Heard at a threshold a keyword."""
    return all_figures(score_detected(heard, detect(heard.smoothed, thresholds, rule)), heard.hours())


def choose_points(heard, rule):
    """The operating_points of calibration.json, of {kind: Heard}."""
    words = next(iter(heard.values())).words
    thresholds, points = [0] * len(words), {}
    for name, (kind, criterion) in CRITERIA.items():
        most = allowed(kind, heard[kind]) // len(words)
        lowest = [lowest_threshold(kind, heard[kind], rule, label, most) for label in range(len(words))]
        thresholds = [max(both) for both in zip(thresholds, lowest, strict=True)]
        points[name] = {
            "name": name,
            "criterion": criterion,
            "thresholds": {word: threshold / CERTAIN for word, threshold in zip(words, thresholds, strict=True)},
            "validation": {
                of: {"hours": stream.hours(), **figures_at(thresholds, stream, rule)} for of, stream in heard.items()
            },
        }
    return [points[name] for name in NAMES]
