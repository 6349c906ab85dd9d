"""The JSON files of calibration of models of anomalies: calibration.json and evaluation.json."""

from pydantic import Field

from calibration.records import Delay, Rate, Share
from firmware.files import Record
from firmware.model_json import Count, Hops, Level, Point, Sha256, SmoothingShift


class AnomalyPoint(Point):
    """An operating point of a score: the rate of false alarms that it was chosen for, and those in the sound held out."""

    false_alarms_per_hour: Rate
    false_alarms: Count
    hours: Rate


class AnomalyCalibration(Record):
    """calibration.json of a model of anomalies; mean_score: over the normal sound held out."""

    recipe: str
    weights_sha256: Sha256
    mean_score: Rate
    smoothing_shift: SmoothingShift
    refractory_hops: Hops
    confirm_hops: Hops
    operating_points: tuple[AnomalyPoint, ...] = Field(min_length=1)


class FaultFigures(Record):
    """Recordings with a fault: the area under the ROC curve against normal ones, and detections."""

    recordings: Count
    auc: Share
    found: Count
    delay_ms: Delay


class AnomalyFigures(Record):
    """A score over test recordings; false alarms in hours without a fault."""

    threshold: Level
    auc: Share
    false_alarms: Count
    hours: Rate
    faults: dict[str, FaultFigures]


class AnomalyEvaluation(Record):
    """evaluation.json of a model of anomalies: the figures of the network, and of what it is compared with."""

    recipe: str
    model_sha256: Sha256
    test: str
    figures: dict[str, AnomalyFigures]
