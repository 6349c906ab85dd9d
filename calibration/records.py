"""The JSON files of calibration, key by key: calibration, evaluation, looks, stream, seeds, benchmark and front.json.

Those of models of anomalies and of the drift proof are in anomaly/records.py and soak/records.py.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from firmware.files import Record
from firmware.model_json import Count, Hops, Label, Point, Sha256, SmoothingShift, Threshold, require_thresholds

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]
Activation = Annotated[float, Field(ge=-1e6, le=1e6)]


class Delay(Record):
    """From the end of a keyword to its detection, ms; None if no keyword was detected."""

    median: float | None
    p95: float | None

    @classmethod
    def of(cls, delays_ms):
        if not len(delays_ms):
            return cls(median=None, p95=None)
        return cls(median=float(np.median(delays_ms)), p95=float(np.percentile(delays_ms, 95)))


class DetFigures(Record):
    """Misses and false accepts on one kind of stream at one set of thresholds."""

    misses: Count
    keywords: Count
    false_accepts: Count
    fa_per_hour: Rate


class Figures(DetFigures):
    """All figures of an operating point; low and high: 95 % interval of fa_per_hour, miss_low and miss_high of the misses."""

    low: Rate
    high: Rate
    miss_low: Share | None
    miss_high: Share | None
    wrong_words: Count
    late: Count
    others: Count
    others_accepted: Count
    delay_ms: Delay


class ValidationFigures(Figures):
    hours: Rate


class ChosenPoint(Point):
    """An operating point, the criterion it was chosen by, and its figures on each kind of validation stream."""

    thresholds: dict[Label, Threshold]
    criterion: str
    validation: dict[str, ValidationFigures]


class Remembered(Record):
    """Percentiles of the units' time constants (time_constants.PERCENTILES), and how many units reach one second."""

    percentiles_ms: tuple[Rate, ...]
    units_of_a_second: Count


class TimeConstants(Record):
    """How long the units of a layer remember (time_constants.py)."""

    units: Count
    held: Remembered
    effective: Remembered


class ValidationAccuracy(Record):
    """Accuracy on validation clips, the state reset for each."""

    clips: Count
    float: Share
    integer: Share


class Calibration(Record):
    """calibration.json."""

    recipe: str
    weights_sha256: Sha256
    ranges: dict[str, tuple[Activation, Activation]]
    time_constants: dict[str, TimeConstants]
    accuracy: ValidationAccuracy
    smoothing_shift: SmoothingShift
    refractory_hops: Hops
    confirm_hops: Hops
    operating_points: tuple[ChosenPoint, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def ranges_rise(self):
        for name, (low, high) in self.ranges.items():
            if low > high:
                raise ValueError(f"range of {name}: {low} is above {high}")
        return self

    @model_validator(mode="after")
    def points_have_the_same_words(self):
        require_thresholds(self.operating_points, self.operating_points[0].thresholds)
        return self


class Pairs(Record):
    """Discordant pairs: clips right in one run only (lost) or in the other only (gained); exact p of McNemar's test."""

    lost: Count
    gained: Count
    p: Share


class Look(Record):
    """An entry of looks.json: the first evaluation of a model on a set of test recordings.

    The oldest entries have no order_sha256, and one has a text as model_sha256: the hashes were not kept.
    """

    test: str
    model_sha256: str
    order_sha256: Sha256 | None
    clips: Count
    errors: Count
    accuracy: Share
    accuracy_streamed: Share
    accuracy_float: Share
    against: dict[str, Pairs]


class Confusion(Record):
    """counts[spoken][decided] of label indices."""

    labels: tuple[Label, ...]
    counts: tuple[tuple[Count, ...], ...]


class Evaluation(Record):
    """evaluation.json."""

    recipe: str
    model_sha256: Sha256
    clips: Count
    errors: Count
    accuracy: Share
    accuracy_low: Share
    accuracy_high: Share
    accuracy_streamed: Share
    accuracy_float: Share
    against: dict[str, Pairs]
    order_sha256: Sha256
    recall: dict[Label, Share]
    confusion: Confusion
    predictions: dict[str, Label]


class Negatives(Record):
    """Hours of a kind of stream: those in which no keyword can be hit, and all."""

    hours: Rate
    recorded_hours: Rate
    asleep: Share = Field(0.0, description="share of the hops in which the gate slept")


class MeasuredPoint(Figures):
    """The figures of an operating point on one kind of stream; threshold: the mean of thresholds."""

    name: str
    threshold: Threshold
    thresholds: dict[Label, Threshold]
    kind: str


class WordFigures(Record):
    """One keyword in a DetRow."""

    threshold: float
    misses: Count
    keywords: Count
    false_accepts: Count


class DetRow(DetFigures):
    """A point of the DET curve: the default operating point's thresholds, all moved by the same log-odds."""

    log_odds: float
    words: dict[Label, WordFigures]


class Recall(Record):
    """Keywords heard, and their share with its 95 % interval."""

    heard: Count
    keywords: Count
    share: Share | None
    low: Share | None
    high: Share | None


class StreamFigures(Record):
    """stream.json."""

    recipe: str
    model_sha256: Sha256
    stream: str
    rule: dict[str, int | float]
    negatives: dict[str, Negatives]
    operating_points: tuple[MeasuredPoint, ...]
    det: dict[str, tuple[DetRow, ...]]
    recall: dict[str, dict[str, dict[str, Recall]]]


class SeedRun(Record):
    """Accuracy of one seed's model on validation clips."""

    seed: Count
    weights_sha256: Sha256
    reset: Share
    streamed: Share
    float: Share


class Seeds(Record):
    """seeds.json: the trained seeds of a recipe, and the best of them, which ships."""

    best: Count
    runs: tuple[SeedRun, ...]


class BenchmarkRow(Record):
    """A word of a system at a rate of false accepts; missed {condition: (misses, keywords), or None}."""

    system: str
    word: str
    negatives: str
    hours: Rate
    false_accepts: Count | None
    missed: dict[str, tuple[Count, Count] | None]


class BenchmarkFigures(Record):
    """benchmark.json; curves {system: [(false accepts an hour and word, share missed)]}, the least strict first."""

    model_sha256: Sha256
    rows: tuple[BenchmarkRow, ...]
    curves: dict[str, tuple[tuple[Rate, Share], ...]]


class SearchCandidate(Record):
    """A recipe that a search trained to its end; values {searched key: value}."""

    recipe: str
    values: dict[str, Any]
    errors: Share
    missed: Share
    flash_bytes: Count
    ram_bytes: Count
    instructions: Count
    on_front: bool
    as_it_is: bool


class SearchFigures(Record):
    """front.json of a search: instructions are those of a hop on the core; tried: candidates, also those given up earlier."""

    core: str
    tried: Count
    candidates: tuple[SearchCandidate, ...]
