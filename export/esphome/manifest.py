"""The manifest of a model, version 2: the JSON file that an ESPHome configuration names, beside its .tflite file."""

from typing import Annotated, Literal

from pydantic import Field

from firmware.files import Record

OLDEST = "2024.7.0"
"""The release of ESPHome that brought version 2."""


class Micro(Record):
    probability_cutoff: float = Field(gt=0, lt=1)
    feature_step_size: int = Field(ge=0, le=30, description="ms from frame to frame")
    sliding_window_size: int = Field(ge=1, description="probabilities whose mean is compared")
    tensor_arena_size: int = Field(ge=1, description="bytes")
    minimum_esphome_version: str = Field(pattern=r"^\d{4}\.\d+\.\d+$")


class Manifest(Record):
    type: Literal["micro"]
    wake_word: Annotated[str, Field(min_length=1)]
    author: Annotated[str, Field(min_length=1)]
    website: str | None = Field(None, pattern=r"^https?://")
    model: str = Field(pattern=r"^[^/]+\.tflite$", description="file beside the manifest")
    trained_languages: tuple[str, ...] = Field(min_length=1)
    version: Literal[2]
    micro: Micro

    def content(self):
        """The manifest as JSON text."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"
