"""The tables [[corpora]] of a recipe, one class for each kind of corpus."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from train.sections import DataFolder, OptionalDataFolder, Section, Share, Word


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
    | WakeWordsSection
    | RunningSpeechSection
    | BackgroundSection,
    Field(discriminator="kind"),
]
