"""The recipe of a model of anomalies: `task = "anomaly"` in its TOML file."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from firmware.sensor import Channel, Sensor
from train.layers import CELLS
from train.sections import DataFolder, FeaturesSection, FrontendSection, LoopSection, RecipeSection, Section, Share

ANOMALY, NORMAL = "anomaly", "normal"
MOST_HOPS = 255
"""The most hops that a detector can count: it has a byte for them."""


class ChannelSection(Section):
    low: float = Field(description="range of the channel, in the units of the CSV files; beyond it, features saturate")
    high: float
    unit: float = Field(1.0, gt=0, description="one step of the int16 that the device measures, in these units")


class SensorSection(Section):
    """In place of the front end: CSV files of channels at a fixed rate."""

    rate_hz: float = Field(gt=0, le=100_000, description="rows a second of the CSV files")
    hop_ms: int = Field(
        20, ge=1, le=1000, description="the mean of the rows of a hop is what the device gives the library"
    )
    channels: dict[Annotated[str, Field(pattern=r"^[^,\s][^,]*$")], ChannelSection] = Field(min_length=1, max_length=80)

    @model_validator(mode="after")
    def is_a_sensor(self):
        self.sensor()
        return self

    def sensor(self):
        channels = (Channel(name, **about.model_dump()) for name, about in self.channels.items())
        return Sensor(self.hop_ms, self.rate_hz, tuple(channels))


class ScoreSection(Section):
    """How scores become anomalies; the keys of a DetectorSection have the same meaning."""

    smoothing_shift: int = Field(
        6, ge=4, le=8, description="the weight of a hop in the score is 2^-smoothing_shift: a spike alone is no anomaly"
    )
    refractory_ms: int = Field(2000, ge=0, le=2500)
    confirm_ms: int = Field(0, ge=0, le=2500, description="time for which the score must stay above its threshold")
    false_alarms_per_hour: float = Field(1.0, gt=0, le=3600, description="on the normal sound held out")


class PredictionSection(LoopSection):
    window_ms: int = Field(2000, ge=200, le=20_000, description="length of a window of a recording")


class MachineRecipe(RecipeSection):
    keywords: ClassVar = [ANOMALY]
    labels: ClassVar = (ANOMALY, NORMAL)
    stacked_frames: ClassVar = 1
    convolution_channels: ClassVar = 0
    depthwise_frames: ClassVar = 1

    name: str = Field(pattern=r"^[\w-]+$")
    task: Literal["anomaly"] = "anomaly"
    sound: DataFolder = Field(description="folder in DATA with normal/, and test/ to measure by")
    held_out_share: Share = Field(
        0.3,
        gt=0,
        lt=1,
        description="share of the normal recordings that the threshold is chosen by, and not the weights",
    )
    cell: Literal[tuple(CELLS)] = "gru"
    units: int = Field(ge=4, le=256)
    layers: int = Field(1, ge=1, le=8, description="number of cells, one on top of another")
    seed: int = Field(1, ge=0, lt=2**32)
    frontend: FrontendSection = FrontendSection()
    sensor: SensorSection | None = Field(None, description="instead of frontend")
    features: FeaturesSection = FeaturesSection(mean_level=128, right_shift=6)
    training: PredictionSection
    detector: ScoreSection = ScoreSection()

    @model_validator(mode="after")
    def each_table_has_an_effect(self):
        if self.sensor and self.is_changed("frontend"):
            raise ValueError("frontend: of a microphone, but sensor is given; remove one")
        if self.frontend.kind == "micro":
            raise ValueError("frontend.kind = micro: ESPHome hears keywords alone; remove it")
        return self

    @model_validator(mode="after")
    def times_are_hops(self):
        hop_ms, window_ms = self.front.hop_ms, self.training.window_ms
        for key in ("refractory_ms", "confirm_ms"):
            if (time_ms := getattr(self.detector, key)) > (most_ms := MOST_HOPS * hop_ms):
                raise ValueError(
                    f"detector.{key} = {time_ms}: at most {most_ms} = {MOST_HOPS} hops of sensor.hop_ms = {hop_ms}"
                )
        if window_ms < hop_ms:
            raise ValueError(f"training.window_ms = {window_ms}: at least {hop_ms}, a hop of sensor.hop_ms")
        return self

    @property
    def front(self):
        return self.sensor.sensor() if self.sensor else super().front

    @property
    def outputs(self):
        """Values of the last layer."""
        return self.front.bands
