"""The recipe of a model of anomalies: `task = "anomaly"` in its TOML file."""

from typing import ClassVar, Literal

from pydantic import Field

from train.layers import CELLS
from train.sections import DataFolder, FeaturesSection, FrontendSection, LoopSection, RecipeSection, Section, Share

ANOMALY, NORMAL = "anomaly", "normal"


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
    features: FeaturesSection = FeaturesSection(mean_level=128, right_shift=6)
    training: PredictionSection
    detector: ScoreSection = ScoreSection()

    @property
    def outputs(self):
        """Values of the last layer."""
        return self.front.bands
