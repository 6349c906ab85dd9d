"""train.json, which `make train` writes: the settings of a training and its history by epoch."""

from pydantic import JsonValue

from firmware.files import Record
from firmware.model_json import Count, Sha256


class Epoch(Record):
    """An epoch in the history; accuracies are of the averaged and rounded weights, in float arithmetic, on validation clips."""

    epoch: Count
    loss: float
    accuracy_reset: float
    accuracy_streamed: float
    seconds: float


class TrainJson(Record):
    recipe: str
    recipe_sha256: Sha256
    settings: dict[str, JsonValue]
    clips: dict[str, Count]
    speakers: dict[str, Count]
    torch: str
    threads: Count
    teacher_sha256: Sha256 | None
    history: tuple[Epoch, ...]


class PredictionEpoch(Record):
    """An epoch of a model of anomalies; surprise: of the averaged weights in float, over the normal sound held out."""

    epoch: Count
    loss: float
    surprise: float
    seconds: float


class PredictionJson(Record):
    """train.json of a model of anomalies; seconds of normal sound."""

    recipe: str
    recipe_sha256: Sha256
    settings: dict[str, JsonValue]
    seconds: dict[str, Count]
    torch: str
    threads: Count
    history: tuple[PredictionEpoch, ...]
