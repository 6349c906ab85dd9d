"""train.json: how a recipe was trained, epoch by epoch.  `make train` writes it."""

from pydantic import JsonValue

from firmware.files import Record
from firmware.model_json import Count, Sha256


class Epoch(Record):
    """A line of the history; accuracies are those of the averaged weights on validation clips, in float."""

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
    best_epoch: Count
    history: tuple[Epoch, ...]
