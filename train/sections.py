"""The tables of a recipe but for its corpora: front end, features, mixing, training, augmentation, teacher, detector.

A value out of range is an error that names the key.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from firmware.frontend import MICRO_HIGH_HZ, Frontend
from firmware.paths import is_inside
from firmware.words import keyword_of, normal_word
from train.model import Features


def in_data(name):
    if not Path(name).parts or not is_inside(name):
        raise ValueError(
            f"'{name}' is not a folder in DATA such as noise or corpus/noise; put the folder, or a link to it, into DATA"
        )
    return name


DataFolder = Annotated[str, AfterValidator(in_data)]
"""A path below DATA to a folder.  A link in DATA may point to another disk; the path itself may not leave DATA."""

OptionalDataFolder = Annotated[str, AfterValidator(lambda name: name and in_data(name))]
"""A DataFolder, or nothing."""

AnyFolder = Annotated[str, AfterValidator(lambda name: name if Path(name).is_absolute() else in_data(name))]
"""A DataFolder, or an absolute path."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Milliseconds = Annotated[int, Field(ge=0, le=10_000)]
LearningRate = Annotated[float, Field(ge=0, le=1)]
EchoMs = Annotated[float, Field(gt=0, le=60_000)]
Decibels = Annotated[float, Field(ge=-200, le=200)]
Word = Annotated[str, AfterValidator(normal_word), Field(min_length=1)]
Keyword = Annotated[str, AfterValidator(keyword_of)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def is_changed(self, key):
        """Whether a key has another value than its default."""
        return getattr(self, key) != type(self).model_fields[key].default


def require_rising(section, names):
    """ValueError if the first of a range's two values exceeds the second."""
    for name in names:
        low, high = getattr(section, name)
        if low > high:
            raise ValueError(f"{name} = [{low}, {high}]: the first must not exceed the second")


class RecipeSection(Section):
    """What the recipes of all tasks have; their fields: name, cell, units, layers, seed, frontend, features, training, ..."""

    @property
    def front(self):
        return self.frontend.front()

    @property
    def feature_map(self):
        return Features(**self.features.model_dump())

    def sha256(self):
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class FrontendSection(Section):
    kind: Literal["log_mel", "micro"] = Field(
        "log_mel", description="micro: the features of ESPHome's micro_wake_word, for `make esphome` alone"
    )
    hop_ms: Literal[10, 20] = 20
    bands: int = Field(40, ge=10, le=80)
    high_hz: int = Field(4000, ge=1000, le=8000)
    gate: bool = Field(False, description="whether the device sleeps while nothing rises above the background")

    @model_validator(mode="after")
    def each_band_has_a_bin(self):
        self.front()
        return self

    @model_validator(mode="after")
    def each_key_has_an_effect(self):
        for key in ("bands", "high_hz", "gate") if self.kind == "micro" else ():
            if self.is_changed(key):
                raise ValueError(
                    f"{key} = {getattr(self, key)}: kind = micro has bands of its own and no gate; remove it"
                )
        return self

    def front(self):
        """The Frontend."""
        if self.kind == "micro":
            return Frontend(self.hop_ms, high_hz=MICRO_HIGH_HZ, kind="micro")
        return Frontend(**self.model_dump())


class FeaturesSection(Section):
    """x = (log_mel - mean_level) * 2^-right_shift, log_mel 0..255."""

    mean_level: int = Field(ge=0, le=255)
    right_shift: int = Field(ge=3, le=9)


class MixingSection(Section):
    """What windows of stream hold: words and running speech, one after another."""

    window_ms: int = Field(5000, ge=1000, le=10_000, description="length of a window")
    keyword_share: Share = Field(0.5, gt=0, description="share of keywords among clips that are not background")
    word_share: Share = Field(0.5, description="share of other words among the rest, which is running speech")
    people_share: Share | None = Field(
        None, description="share of recordings of people among the clips of keywords; without it, by their number"
    )
    background_share: Share = Field(
        0.1, lt=1, description="share of clips that are pieces of background, at background_db"
    )
    quiet_share: Share = Field(0.1, lt=1, description="share of windows of background alone")
    gap_ms: tuple[Milliseconds, Milliseconds] = Field((0, 400), description="range of the gap between two clips")
    piece_ms: tuple[Milliseconds, Milliseconds] = Field(
        (500, 3000), description="range of a piece of running speech or background"
    )
    cut_probability: Share = Field(0.5, description="probability that a word is cut close to where it is spoken")
    margin_ms: tuple[Milliseconds, Milliseconds] = Field(
        (30, 400), description="range of what is left of a cut clip on each side of its word"
    )

    @model_validator(mode="after")
    def ranges_rise(self):
        require_rising(self, ("gap_ms", "piece_ms", "margin_ms"))
        return self


class LoopSection(Section):
    """Training, whatever the task."""

    epochs: int = Field(ge=1, le=1000)
    windows: int = Field(ge=1, le=1_000_000, description="windows of an epoch")
    batch: int = Field(
        ge=1, le=4096, description="windows in a batch; each row is a stream that carries its state from batch to batch"
    )
    learning_rate: LearningRate = Field(3e-3, gt=0)
    muon_learning_rate: LearningRate = Field(
        0.0, description="learning rate of weight matrices, by Muon; 0: AdamW trains them too"
    )
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_steps: int = Field(200, ge=1)
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="type of the products of a state-space cell until weights are rounded; bfloat16 where the processor has it",
    )
    weight_decay: float = Field(0.01, ge=0, le=10)
    clip_gradient_norm: Positive = 1.0
    normalise: bool = Field(
        False, description="batch-normalise all layers but the classifier; folded into the weights afterwards"
    )
    reset_probability: Share = Field(0.1, description="probability that a row's state is set to zero before a window")
    averaging: float = Field(
        0.998,
        ge=0,
        lt=1,
        description="decay per update of the moving average of the weights, which is the trained model",
    )
    rounding_share: Share = Field(
        0.2, description="share of the training, at its end, in which weights are rounded as on the device; 0: never"
    )


class TrainingSection(LoopSection):
    smoothing_shift: int = Field(
        2,
        ge=0,
        le=6,
        description="the weight of a hop in the smoothed posterior that the loss hears is 2^-smoothing_shift",
    )
    peak_ms: tuple[Milliseconds, Milliseconds] = Field(
        (100, 260),
        description="a keyword's smoothed posterior should be high some time from so long before its end to so long after",
    )


class AugmentationSection(Section):
    speed_probability: Share = 0.0
    speed_change: float = Field(0.1, ge=0, le=0.5, description="largest relative change of speed, slower or faster")
    tract_probability: Share = 0.0
    tract_change: float = Field(
        0.12, ge=0, le=0.3, description="largest relative change of frequencies, lower or higher"
    )
    level_db: tuple[Decibels, Decibels] = Field((-45.0, -10.0), description="range of a word's RMS, dB of full scale")
    level_change_db: float = Field(
        3.0, ge=0, le=30, description="largest change of level from clip to clip of a window"
    )
    room_probability: Share = 0.0
    rooms: OptionalDataFolder = Field(
        "", description="folder in DATA of impulse responses of rooms; without it, rooms are simulated"
    )
    room_decay_ms: tuple[EchoMs, EchoMs] = Field(
        (150, 600), description="range of the time in which a simulated room's echo falls by 60 dB"
    )
    room_direct_db: tuple[Decibels, Decibels] = Field(
        (0.0, 15.0), description="range of the level of direct sound over echo in a simulated room"
    )
    noise_probability: Share = Field(0.7, description="probability of background at snr_db; else it is fainter")
    snr_db: tuple[Decibels, Decibels] = (0.0, 30.0)
    background_db: tuple[Decibels, Decibels] = Field(
        (-70.0, -20.0), description="range of the RMS of background without speech, dB of full scale"
    )
    silence_probability: Share = Field(0.05, description="probability that a window has no background at all")
    people_probability: Share = Field(
        0.0, description="probability that a synthetic clip gets the colour of a person's voice"
    )
    mask_probability: Share = Field(0.0, description="probability that speech in a window lacks some bands")
    mask_bands: int = Field(10, ge=1, le=10, description="most bands, next to each other, that it lacks")
    colour_probability: Share = 0.0
    colour_db: float = Field(5.0, ge=0, le=30, description="largest slope of a microphone's gain over the bands, +- dB")

    @model_validator(mode="after")
    def ranges_rise(self):
        require_rising(self, ("level_db", "snr_db", "background_db", "room_decay_ms", "room_direct_db"))
        return self

    @model_validator(mode="after")
    def each_key_has_an_effect(self):
        for key in ("room_decay_ms", "room_direct_db") if self.rooms else ():
            if self.is_changed(key):
                raise ValueError(f"{key}: of simulated rooms, but rooms = '{self.rooms}' is given; remove one")
        return self


class TeacherSection(Section):
    """A trained recipe whose posteriors at every hop are a second target (knowledge distillation)."""

    recipe: str = Field(pattern=r"^[\w-]+$")
    seeds: list[Annotated[int, Field(ge=0)]] = Field(
        [],
        max_length=10,
        description="its trainings with these seeds, by `make seeds`, together; without them, it alone",
    )
    weight: float = Field(
        10.0, gt=0, le=1000, description="weight of the mean divergence from the teacher over all hops"
    )
    temperature: float = Field(1.0, ge=0.5, le=20)


class DetectorSection(Section):
    smoothing_shift: int = Field(
        2, ge=0, le=6, description="the weight of a hop in the smoothed posterior is 2^-smoothing_shift"
    )
    refractory_ms: int = Field(600, ge=0, le=2500)
    confirm_ms: int = Field(0, ge=0, le=500, description="time for which a keyword must stay above its threshold")
