"""What calibration writes, key by key: calibration.json, evaluation.json, looks.json, stream.json and seeds.json."""

from typing import Annotated

from pydantic import Field, model_validator

from firmware.files import Record
from firmware.model_json import Count, Hops, Label, Point, Sha256, SmoothingShift, Threshold, require_thresholds

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]
Activation = Annotated[float, Field(ge=-1e6, le=1e6)]


class Delay(Record):
    """From a keyword's end to its detection, ms; None where none was detected."""

    median: float | None
    p95: float | None


class DetFigures(Record):
    """Misses and false accepts of one kind of stream at one choice of thresholds."""

    misses: Count
    keywords: Count
    false_accepts: Count
    fa_per_hour: Rate


class Figures(DetFigures):
    """All that is told of an operating point; low and high are 95 % intervals."""

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
    """An operating point, by what it was chosen, and what it does on validation streams, kind by kind."""

    criterion: str
    validation: dict[str, ValidationFigures]


class Remembered(Record):
    percentiles_ms: tuple[Rate, ...]
    units_of_a_second: Count


class TimeConstants(Record):
    """How long the units of a layer remember (calibration/time_constants.py)."""

    units: Count
    held: Remembered
    effective: Remembered


class ValidationAccuracy(Record):
    clips: Count
    float: Share
    integer: Share
    by_decision_hops: dict[str, Share]


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
    """Clips that only one of two ways of hearing gets right, and the exact p of McNemar's test."""

    lost: Count
    gained: Count
    p: Share


class Look(Record):
    """A line of looks.json: the first time that a model heard some test recordings.

    The first looks on record have no hash of the recordings' order, and one has none of its model: it was not kept.
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
    hours: Rate
    recorded_hours: Rate


class MeasuredPoint(Figures):
    """What an operating point does on one kind of stream."""

    name: str
    threshold: Threshold
    thresholds: dict[Label, Threshold]
    kind: str


class WordFigures(Record):
    threshold: float
    misses: Count
    keywords: Count
    false_accepts: Count


class DetRow(DetFigures):
    """The first point's thresholds, all moved by the same log-odds."""

    log_odds: float
    words: dict[Label, WordFigures]


class Recall(Record):
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
    seed: Count
    weights_sha256: Sha256
    reset: Share
    streamed: Share
    float: Share


class Seeds(Record):
    """seeds.json: the seeds of a recipe that were trained, and the one that ships."""

    best: Count
    runs: tuple[SeedRun, ...]
