"""The tables [[corpora]] of a recipe, one class for each kind of corpus."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from train.sections import AnyFolder, DataFolder, Keyword, OptionalDataFolder, Section, Word


class SpeechCommandsSection(Section):
    """Google Speech Commands v0.02: its archive in DATA, or its folder DATA/speech_commands."""

    kind: Literal["speech_commands"]


class LogmelSection(Section):
    """Log-mel pictures of Speech Commands under DATA/speech_commands_logmel; without them, its recordings."""

    kind: Literal["logmel"]


class FolderSection(Section):
    """Your own recordings: DATA/<name>/<word>/*.wav; a file's name up to the first '_' is its speaker.

    A word may be said several times in a recording.
    """

    kind: Literal["folder"]
    name: AnyFolder
    validation_share: float = Field(0.2, gt=0, lt=1)


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""A language by its code, such as en or de."""


class SpeechSection(Section):
    """Words spoken by synthesizers."""

    kind: Literal["speech"]
    clips_per_word: dict[Literal["espeak-ng", "flite", "kokoro"], Annotated[int, Field(ge=1, le=5000)]] = Field(
        min_length=1, description="clips of each keyword, by synthesizer"
    )
    other_words: list[Word] = Field(min_length=1)
    say: dict[Keyword, Annotated[list[str], Field(min_length=1)]] = Field(
        {}, description="texts that are spoken for a keyword, in place of itself"
    )
    language: Language = "en"


class SentencesSection(Section):
    """Running speech without a keyword, by installed synthesizers."""

    kind: Literal["sentences"]
    minutes: int = Field(ge=1, le=600, description="minutes of speech for training")
    validation_minutes: int = Field(3, ge=1, le=120, description="minutes of speech for validation")
    language: Language = "en"
    text: str = Field("", description="path of a text file with a sentence in each line; without it, English sentences")

    @model_validator(mode="after")
    def another_language_has_a_text(self):
        if self.language != "en" and not self.text:
            raise ValueError(f"language = {self.language}: needs text, a file of sentences in that language")
        return self


class BackgroundSection(Section):
    """Background without speech: the recordings in DATA/<recordings>; without them, made noise, hum and clicks, or music."""

    kind: Literal["background"]
    recordings: OptionalDataFolder = ""
    without: list[str] = Field([], description="names of recordings, without suffix, that are left out")
    made: Literal["noise", "music"] = Field("noise", description="what is made, if there are no recordings")
    minutes: int = Field(10, ge=1, le=600, description="minutes of made background, if there are no recordings")

    @model_validator(mode="after")
    def each_key_has_an_effect(self):
        if self.without and not self.recordings:
            raise ValueError(f"without = {self.without}: leaves out recordings, but recordings is not given")
        for key in ("made", "minutes") if self.recordings else ():
            if self.is_changed(key):
                raise ValueError(
                    f"{key} = {getattr(self, key)}: of made background, but recordings is given; remove one"
                )
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
    | RunningSpeechSection
    | BackgroundSection,
    Field(discriminator="kind"),
]
