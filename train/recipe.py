"""A recipe: all settings of a model, in one TOML file under train/recipes/.

An unknown key, a missing key or a value out of range is an error that names the key.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from firmware.files import parse_toml, problems
from firmware.frontend import Frontend
from firmware.paths import RECIPES, is_inside
from firmware.recipes import recipe_name
from firmware.words import keyword_of, normal_word
from train.layers import CELLS
from train.model import Features

UNKNOWN, SILENCE = "unknown", "silence"
BACKGROUND = "_background_noise_"
FOLDER_WORDS = {"_unknown_": UNKNOWN, "_silence_": SILENCE, BACKGROUND: SILENCE}
"""Labels of the folders of the official data sets."""


def _in_data(name):
    if not Path(name).parts or not is_inside(name):
        raise ValueError(
            f"'{name}' is not a folder in DATA such as noise or corpus/noise; put the folder, or a link to it, into DATA"
        )
    return name


DataFolder = Annotated[str, AfterValidator(_in_data)]
"""A path below DATA to a folder.  A link in DATA may point to another disk; the path itself may not leave DATA."""

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


def require_rising(section, names):
    """ValueError if the first of a range's two values exceeds the second."""
    for name in names:
        low, high = getattr(section, name)
        if low > high:
            raise ValueError(f"{name} = [{low}, {high}]: the first must not exceed the second")


class FrontendSection(Section):
    hop_ms: Literal[10, 20] = 20
    bands: int = Field(40, ge=10, le=80)
    high_hz: int = Field(4000, ge=1000, le=8000)

    @model_validator(mode="after")
    def each_band_has_a_bin(self):
        Frontend(**self.model_dump())
        return self


class FeaturesSection(Section):
    """x = (log_mel - mean_level) * 2^-right_shift, log_mel 0..255."""

    mean_level: int = Field(ge=0, le=255)
    right_shift: int = Field(ge=3, le=9)


class SpeechCommandsSection(Section):
    """Google Speech Commands v0.02: its archive or folder under DATA/speech_commands."""

    kind: Literal["speech_commands"]


class LogmelSection(Section):
    """Log-mel pictures of Speech Commands under DATA/speech_commands_logmel; without them, its recordings."""

    kind: Literal["logmel"]


class FolderSection(Section):
    """Your own recordings: DATA/<name>/<word>/*.wav; a file's name up to the first '_' is its speaker."""

    kind: Literal["folder"]
    name: DataFolder
    validation_share: float = Field(0.2, gt=0, lt=1)


class SpeechSection(Section):
    """Words spoken by installed synthesizers."""

    kind: Literal["speech"]
    clips_per_word: int = Field(ge=1, le=5000)
    other_words: list[Word] = Field(min_length=1)
    validation_voices: int = Field(ge=1, le=30, description="base voices used for validation alone")
    telephone_probability: Share = Field(0.0, description="probability that a clip passes through a telephone line")


class SentencesSection(Section):
    """Running speech without a keyword, by installed synthesizers."""

    kind: Literal["sentences"]
    minutes: int = Field(ge=1, le=600, description="minutes of speech for training")
    validation_minutes: int = Field(3, ge=1, le=120, description="minutes of speech for validation")
    telephone_probability: Share = Field(0.0, description="probability that a passage passes through a telephone line")


class WakeWordsSection(Section):
    """Wake words, alone and in sentences, by telephone: DATA/wake_word_sentences.  Share-alike: publish its models apart."""

    kind: Literal["wake_words"]


class BackgroundSection(Section):
    """Background noise: the recordings in DATA/<recordings>; without them, synthetic noise, hum and clicks."""

    kind: Literal["background"]
    recordings: Annotated[str, AfterValidator(lambda name: name and _in_data(name))] = ""
    without: list[str] = Field([], description="names of recordings, without suffix, that are left out")
    minutes: int = Field(10, ge=1, le=600, description="minutes of synthetic background, if there are no recordings")

    @model_validator(mode="after")
    def each_key_has_an_effect(self):
        if self.without and not self.recordings:
            raise ValueError(f"without = {self.without}: leaves out recordings, but recordings is not given")
        return self


class RunningSpeechSection(Section):
    """Running speech of people without a keyword: DATA/<recordings>/<speaker>_*; half of the speakers are for tests."""

    kind: Literal["running_speech"]
    recordings: DataFolder


Corpus = Annotated[
    SpeechCommandsSection
    | LogmelSection
    | FolderSection
    | SpeechSection
    | SentencesSection
    | WakeWordsSection
    | RunningSpeechSection
    | BackgroundSection,
    Field(discriminator="kind"),
]


class MixingSection(Section):
    """What windows of stream hold: words and running speech, one after another."""

    window_ms: int = Field(5000, ge=1000, le=10_000, description="length of a window")
    keyword_share: Share = Field(0.5, gt=0, description="share of keywords among the other clips")
    word_share: Share = Field(0.5, description="share of other words among the rest, which is running speech")
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


class TrainingSection(Section):
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
    weight_decay: float = Field(0.01, ge=0, le=10)
    clip_gradient_norm: Positive = 1.0
    normalise: bool = Field(
        False, description="batch-normalise all layers but the classifier; folded into the weights afterwards"
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of a cell's outputs set to zero, the same units at all hops of a clip"
    )
    reset_probability: Share = Field(0.1, description="probability that a row's state is set to zero before a clip")
    averaging: float = Field(
        0.998,
        ge=0,
        lt=1,
        description="decay per update of the moving average of the weights, which is the trained model",
    )
    rounding_share: Share = Field(
        0.2, description="share of the training, at its end, in which weights are rounded as on the device; 0: never"
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
    rooms: Annotated[str, AfterValidator(lambda name: name and _in_data(name))] = Field(
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
    colour_probability: Share = 0.0
    colour_db: float = Field(5.0, ge=0, le=30, description="largest slope of a microphone's gain over the bands, +- dB")

    @model_validator(mode="after")
    def ranges_rise(self):
        require_rising(self, ("level_db", "snr_db", "background_db", "room_decay_ms", "room_direct_db"))
        return self


class TeacherSection(Section):
    """A trained recipe whose posteriors at every hop are a second target (knowledge distillation)."""

    recipe: str = Field(pattern=r"^[\w-]+$")
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


class Recipe(Section):
    name: str = Field(pattern=r"^[\w-]+$")
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
        return (*self.keywords, UNKNOWN, SILENCE)

    @property
    def front(self):
        return Frontend(**self.frontend.model_dump())

    @property
    def feature_map(self):
        return Features(**self.features.model_dump())

    def label_of(self, word):
        """The label index of a word or of an official folder; any word that is no keyword is unknown."""
        word = FOLDER_WORDS.get(normal_word(word), normal_word(word))
        return self.labels.index(word if word in self.keywords or word == SILENCE else UNKNOWN)

    def sha256(self):
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def parse_named(kind, text, name, place):
    """A Section of class kind with this name, from TOML text, str or bytes; ValueError with a line for each wrong key.

    place: where the text is from, the start of each error.
    """
    settings = parse_toml(text, place)
    if "name" in settings:
        raise ValueError(f"{place}: name: remove this key; the file name is the name")
    try:
        return kind(name=name, **settings)
    except ValidationError as error:
        raise ValueError("\n".join(f"{place}: {line}" for line in problems(error))) from None


def parse_recipe(text, name, place=None):
    """A recipe from TOML text; ValueError with a line for each wrong key."""
    return parse_named(Recipe, text, name, place or f"recipe {name}")


def load_recipe(name):
    """The recipe in train/recipes/<name>.toml, or in any .toml file if name is a path to one."""
    folder_name = recipe_name(name)
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise ValueError(f"{path}: no such recipe; there are: {known}")
    return parse_recipe(path.read_bytes(), folder_name, path if name.endswith(".toml") else None)
