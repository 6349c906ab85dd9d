"""model.json: an exported model described, beside its kws_model.h and kws_model.c.  `make export` writes it."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_serializer, model_validator

from firmware.files import Record, read_json
from firmware.frontend import Frontend
from firmware.sensor import Sensor

MODEL_JSON = "model.json"
MODEL_C = ("kws_model.h", "kws_model.c")


def _printable(text):
    if not text.isprintable():
        raise ValueError("contains a character that no keyword has")
    return text


Label = Annotated[str, Field(pattern=r'^[^"\\]{1,60}$'), AfterValidator(_printable)]
RecipeName = Annotated[str, Field(pattern=r"^[\w-]{1,100}$", description="stands in comments of the generated C")]
PointName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
Task = Literal["keywords", "anomaly"]
"""What a model tells: posteriors of keywords or of a voice, or a score that says how wrong a machine sounds."""
Threshold = Annotated[float, Field(ge=0, le=1, description="of a smoothed posterior")]
Level = Annotated[float, Field(ge=0, lt=16, description="a Threshold, or one of an anomaly's score")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
SmoothingShift = Annotated[int, Field(ge=0, le=8)]
Hops = Annotated[int, Field(ge=0, le=255)]


class Point(Record):
    """An operating point: a threshold for each keyword."""

    name: PointName
    thresholds: dict[Label, Level]


def outputs_of(model):
    """How many values the last layer of a Model or a ModelJson has."""
    return len(model.labels) if model.task == "keywords" else model.frontend.bands


def require_labels(labels, keywords):
    """ValueError where a label stands twice, or none is left that is no keyword."""
    if len(set(labels)) < len(labels) or keywords >= len(labels):
        raise ValueError(
            f"labels {', '.join(labels)}: must differ, and at least one must not be a keyword ({keywords} are)"
        )


def require_thresholds(points, words):
    """ValueError where two operating points have one name, or one has not exactly a threshold for each keyword."""
    names = [point.name for point in points]
    if len(set(names)) < len(names):
        raise ValueError(f"operating points {', '.join(names)}: must differ in their names")
    for point in points:
        if set(point.thresholds) != set(words):
            raise ValueError(
                f"operating point {point.name}: has thresholds for {', '.join(point.thresholds)}; the keywords are "
                f"{', '.join(words)}"
            )


class ModelJson(Record):
    recipe: RecipeName
    task: Task = "keywords"
    cell: str
    units: tuple[Count, ...]
    labels: tuple[Label, ...] = Field(min_length=2)
    keywords: int = Field(ge=1)
    frontend: Sensor | Frontend
    threshold: Level
    operating_points: tuple[Point, ...] = Field(min_length=1)
    smoothing_shift: SmoothingShift
    refractory_hops: Hops
    confirm_hops: Hops
    flash_bytes: Count
    ram_bytes: Count
    multiplications: Count
    model_id: str = Field(pattern=r"^[0-9a-f]{8}$", description="of one export: KWS_..._ID in its C")
    model_sha256: Sha256
    weights_sha256: Sha256

    @property
    def words(self):
        """The keywords: the first labels."""
        return self.labels[: self.keywords]

    @field_serializer("frontend")
    def without_kind(self, frontend):
        """All but the kind, which is log_mel in C."""
        return {key: value for key, value in asdict(frontend).items() if key != "kind"}

    @property
    def hears_voice(self):
        """Whether it tells a voice from silence, whatever is said: among its labels is no unknown word."""
        return self.task == "keywords" and len(self.labels) == self.keywords + 1 == 2

    @property
    def outputs(self):
        """Values of the last layer: a logit for each label, or a prediction for each feature."""
        return outputs_of(self)

    @model_validator(mode="after")
    def labels_and_points_fit(self):
        require_labels(self.labels, self.keywords)
        require_thresholds(self.operating_points, self.words)
        highest = max(max(point.thresholds.values()) for point in self.operating_points)
        if self.task == "keywords" and highest > 1:
            raise ValueError(f"a threshold is {highest}; that of a smoothed posterior is at most 1")
        return self


def id_in(path):
    """The id that a generated C file has, or None."""
    found = re.search(rb"KWS_\w+_ID (?:!= )?0x([0-9a-f]{8})u", path.read_bytes())
    return found and found[1].decode()


def c_name(folder):
    """The model's name in the C of an exported folder: commands_20k in kws_commands_20k_model."""
    path = Path(folder) / MODEL_C[0]
    found = re.search(rb"struct kws_(\w+)_stream {", path.read_bytes())
    if not found:
        raise ValueError(
            f"{path}: declares no kws_..._stream: export the model again, this version reads no older ones"
        )
    return found[1].decode()


def read_model_json(folder):
    """The ModelJson of an exported model's folder; ValueError where its C is of another export."""
    model = read_json(Path(folder) / MODEL_JSON, ModelJson)
    for name in MODEL_C:
        of = id_in(Path(folder) / name)
        if of != model.model_id:
            raise ValueError(
                f"{folder}: {MODEL_JSON} is of export {model.model_id} and {name} of {of}: export the model again, or take "
                "all three files from the same export"
            )
    return model
