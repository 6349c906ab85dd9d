"""A recipe: all settings of a model, in one TOML file under train/recipes/.

Its tables are in sections.py and corpus_sections.py.  An unknown key, a missing key or a value out of range is an error that
names the key.
"""

from typing import Literal

import numpy as np
from pydantic import Field, ValidationError, field_validator, model_validator

from firmware.files import parse_toml, problems, read_ordinary
from firmware.paths import RECIPES
from firmware.recipes import recipe_file, recipe_name
from firmware.words import normal_word
from train.anomaly.recipe import MachineRecipe
from train.corpus_sections import Corpus
from train.layers import CELLS
from train.sections import (
    AugmentationSection,
    DetectorSection,
    FeaturesSection,
    FrontendSection,
    Keyword,
    MixingSection,
    RecipeSection,
    TeacherSection,
    TrainingSection,
)

UNKNOWN, SILENCE = "unknown", "silence"
SHORTEST_KEYWORD_MS = 200
BACKGROUND_FOLDER = "_background_noise_"
FOLDER_WORDS = {"_unknown_": UNKNOWN, "_silence_": SILENCE, BACKGROUND_FOLDER: SILENCE}
"""Labels of the folders of the official data sets."""


def label_among(labels, word):
    """The index among a model's labels of a normal word, or of an official folder."""
    word = FOLDER_WORDS.get(word, word)
    if word in labels:
        return labels.index(word)
    return labels.index(UNKNOWN) if UNKNOWN in labels else 0


class Recipe(RecipeSection):
    name: str = Field(pattern=r"^[\w-]+$")
    task: Literal["keywords", "voice"] = Field(
        "keywords", description="what is told apart: keywords, or whether somebody speaks, whatever is said"
    )
    keywords: list[Keyword] = Field(
        min_length=1, max_length=40, description="in any case, with spaces, hyphens or underscores"
    )
    cell: Literal[tuple(CELLS)] = "gru"
    units: int = Field(ge=4, le=256)
    layers: int = Field(1, ge=1, le=8, description="number of cells, one on top of another")
    stacked_frames: int = Field(
        1, ge=1, le=10, description="hops that the first layer sees at once; 1: the newest alone"
    )
    convolution_channels: int = Field(
        0, ge=0, le=256, description="outputs of a convolution of the stacked frames; 0: none"
    )
    depthwise_frames: int = Field(
        1, ge=1, le=10, description="hops of a short depthwise convolution before each cell; 1: none"
    )
    seed: int = Field(1, ge=0, lt=2**32)
    frontend: FrontendSection = FrontendSection()
    features: FeaturesSection
    corpora: list[Corpus] = Field(min_length=1)
    mixing: MixingSection = MixingSection()
    training: TrainingSection
    augmentation: AugmentationSection = AugmentationSection()
    teacher: TeacherSection | None = None
    detector: DetectorSection = DetectorSection()

    @model_validator(mode="after")
    def short_convolution_of_features_fits(self):
        if self.depthwise_frames > 1 and not self.convolution_channels and self.features.right_shift < 6:
            raise ValueError(
                f"depthwise_frames = {self.depthwise_frames}: a convolution of features needs features.right_shift >= 6, or "
                "convolution_channels before it (its outputs, Q3.12, end at 8)"
            )
        return self

    @model_validator(mode="after")
    def keywords_fit_in_a_window(self):
        if sum(self.training.peak_ms) + SHORTEST_KEYWORD_MS > self.mixing.window_ms:
            raise ValueError(
                f"mixing.window_ms = {self.mixing.window_ms}: too short for training.peak_ms = "
                f"{list(self.training.peak_ms)} and a word of {SHORTEST_KEYWORD_MS} ms; make the window longer"
            )
        return self

    @model_validator(mode="after")
    def a_voice_is_one_label_of_this_firmware(self):
        if self.task == "voice" and self.frontend.kind == "micro":
            raise ValueError("frontend.kind = micro: ESPHome hears keywords alone, not a voice; remove it")
        if self.task == "voice" and len(self.keywords) > 1:
            raise ValueError(
                f'keywords = {self.keywords}: with task = "voice" there is one, which stands for all speech'
            )
        return self

    @field_validator("keywords", mode="before")
    @classmethod
    def keywords_differ(cls, keywords):
        if not isinstance(keywords, list):
            return keywords
        written = {}
        for keyword in (keyword for keyword in keywords if isinstance(keyword, str)):
            word = normal_word(keyword)
            if word in (UNKNOWN, SILENCE):
                raise ValueError(f"{keyword!r} cannot be a keyword: {UNKNOWN} and {SILENCE} are labels of every model")
            if word in written:
                raise ValueError(f"{written[word]!r} and {keyword!r} are the same word, {word}: give it once")
            written[word] = keyword
        return keywords

    @property
    def labels(self):
        return (*self.keywords, SILENCE) if self.task == "voice" else (*self.keywords, UNKNOWN, SILENCE)

    @property
    def outputs(self):
        """Values of the last layer."""
        return len(self.labels)

    def label_of(self, word):
        """The label index of a word or of an official folder; any word that is no keyword is unknown, or a voice."""
        return label_among(self.labels, normal_word(word))

    def labels_of(self, words):
        """int [words]: label_of each."""
        return np.array([self.label_of(word) for word in words], int)


TASKS = {"keywords": Recipe, "voice": Recipe, "anomaly": MachineRecipe}
"""The kind of recipe of each `task`; without it, keywords."""


def recipe_of_json(text):
    """The recipe that model_dump_json wrote; ValidationError if it is none of this version."""
    return (MachineRecipe if '"task":"anomaly"' in text else Recipe).model_validate_json(text)


SEARCH = "search"
"""The table of a recipe's file that `make search` alone reads."""


def parse_named(kind, text, name, place, without=()):
    """A Section of class kind with this name, from TOML text, str or bytes; ValueError with a line for each wrong key.

    place: where the text is from, the start of each error; without: tables that are not of the Section.
    """
    settings = {key: value for key, value in parse_toml(text, place).items() if key not in without}
    if "name" in settings:
        raise ValueError(f"{place}: name: remove this key; the file name is the name")
    try:
        return kind(name=name, **settings)
    except ValidationError as error:
        raise ValueError("\n".join(f"{place}: {line}" for line in problems(error))) from None


def parse_recipe(text, name, place=None):
    """A recipe from TOML text; ValueError with a line for each wrong key."""
    place = place or f"recipe {name}"
    task = parse_toml(text, place).get("task", "keywords")
    if not isinstance(task, str) or task not in TASKS:
        raise ValueError(f"{place}: task = {task!r}: there are {', '.join(TASKS)}")
    return parse_named(TASKS[task], text, name, place, without=(SEARCH,))


def load_recipe(name, tasks=tuple(TASKS)):
    """The recipe in train/recipes/<name>.toml, or in any .toml file if name is a path to one; tasks: that it may have."""
    folder_name = recipe_name(name)
    path = recipe_file(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise ValueError(f"{path}: no such recipe; there are: {known}")
    recipe = parse_recipe(read_ordinary(path), folder_name, path if name.endswith(".toml") else None)
    if recipe.task not in tasks:
        raise ValueError(f"{path}: task = {recipe.task}: this command is for {', '.join(tasks)}")
    return recipe
