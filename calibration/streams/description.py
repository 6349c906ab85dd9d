"""The description of a stream: calibration/streams/<name>.toml.  Unknown keys and values out of range are errors."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from firmware.paths import ROOT
from train.corpora import sentences
from train.corpus_sections import Language
from train.recipe import parse_named
from train.sections import DataFolder, Decibels, EchoMs, Section, Share, Word, require_rising
from train.synthesizers import SYNTHESIZERS

DESCRIPTIONS = ROOT / "calibration" / "streams"
FILE_MS = 600_000
"""Length of a recording; the last of a kind may be shorter."""

Range = tuple[Decibels, Decibels]
Rate = Annotated[float, Field(ge=0, le=60)]


class SpokenWords(Section):
    """Words spoken by synthetic voices that no recipe trains on."""

    words: list[Word] = Field(min_length=1)
    clips_per_word: int = Field(ge=1, le=1000)
    synthesizer: Literal[tuple(SYNTHESIZERS)] = "espeak-ng"
    language: Language = "en"
    say: dict[Word, list[str]] = Field({}, description="texts that are spoken for a word, in place of itself")


class SpokenPassages(Section):
    """Running speech by synthetic voices that no recipe trains on, about so many minutes."""

    minutes: float = Field(gt=0, le=3000)
    language: Language = "en"
    text: str = Field("", description="path of a text file with a sentence in each line; without it, English sentences")


class UntranscribedSpeech(Section):
    """Running speech of people: the recordings in a folder by its testing speakers (train/corpora/running_speech.py).

    Nobody knows whether a keyword is said in them.
    """

    untranscribed: DataFolder


class SyntheticBed(Section):
    """White, pink and brown noise in turn: so many recordings of one minute."""

    recordings: int = Field(ge=1, le=100)


def synthesizers_of(source):
    """The names of the synthesizers that speak a source of a description."""
    if isinstance(source, SpokenWords):
        return (source.synthesizer,)
    return sentences.SPOKEN_BY if isinstance(source, SpokenPassages) else ()


def paths_of(source):
    """The paths below DATA of a source in a description: one, several, or none for a synthetic source."""
    if isinstance(source, UntranscribedSpeech):
        return [source.untranscribed]
    if isinstance(source, str):
        return [source]
    return source if isinstance(source, list) else []


class Kind(Section):
    """One kind of sound, mixed; sources that are absent do not occur in it."""

    hours: float | None = Field(None, ge=0.0005, le=100, description="absent: as long as all sentences take")
    keywords: DataFolder | SpokenWords | None = None
    keywords_per_minute: Rate = 0
    others: DataFolder | SpokenWords | None = None
    others_per_minute: Rate = 0
    sentences: DataFolder | SpokenPassages | UntranscribedSpeech | None = Field(
        None, description="a folder has transcripts, and sentences with a keyword are left out"
    )
    sentence_db: Range = (-35.0, -15.0)
    bed: DataFolder | Annotated[list[DataFolder], Field(min_length=1)] | SyntheticBed = Field(
        description="background recordings: a folder or a file, several of them, or synthetic noise"
    )
    bed_db: Range = Field(description="level of each piece of bed, dB of full scale, RMS")
    snr_db: Range = (0.0, 20.0)
    word_db: Range = Field(
        (-45.0, -10.0), description="limits of a word's level, dB of full scale, RMS; they override snr_db"
    )
    room_probability: Share = 0.0
    room_decay_ms: tuple[EchoMs, EchoMs] = Field(
        (150.0, 600.0), description="time in which the echo of a room falls by 60 dB"
    )
    room_direct_db: Range = Field((0.0, 15.0), description="energy of the direct sound over that of all echo, dB")

    @model_validator(mode="after")
    def whole(self):
        require_rising(self, ("sentence_db", "bed_db", "snr_db", "word_db", "room_decay_ms", "room_direct_db"))
        for name in ("keywords", "others"):
            if (getattr(self, name) is None) != (getattr(self, f"{name}_per_minute") == 0):
                raise ValueError(f"{name} and {name}_per_minute: give both or neither")
        if self.hours is None and self.sentences is None:
            raise ValueError("hours: required without sentences")
        return self


KindName = Annotated[str, Field(pattern=r"^[\w-]+$")]


class Description(Section):
    """A stream: kinds of sound, mixed."""

    name: str = Field(pattern=r"^[\w-]+$")
    seed: int = Field(1, ge=0, lt=2**32)
    words: list[Word] = Field(min_length=1, description="the keywords; sentences that contain one are left out")
    homophones: list[Word] = Field(
        [], description="words that sound like a keyword; sentences that contain one are counted"
    )
    kinds: dict[KindName, Kind] = Field(min_length=1)

    @model_validator(mode="after")
    def keywords_are_words(self):
        for name, kind in self.kinds.items():
            spoken = kind.keywords.words if isinstance(kind.keywords, SpokenWords) else ()
            if other := [word for word in spoken if word not in self.words]:
                raise ValueError(
                    f"kinds.{name}.keywords: {other[0]} is not among words; add it there, or make it one of others"
                )
        return self


def parse_description(text, name, place=None):
    """The Description in TOML text; ValueError with a line for each wrong key."""
    return parse_named(Description, text, name, place or f"stream {name}")


def load_description(name):
    """The Description by its name in DESCRIPTIONS or by its .toml file; None if there is no such file."""
    path = Path(name) if name.endswith(".toml") else DESCRIPTIONS / f"{name}.toml"
    if not path.is_file():
        return None
    return parse_description(path.read_bytes(), path.stem, path if name.endswith(".toml") else None)
