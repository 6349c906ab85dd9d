"""The table of a corpus of wake words, DATA/wake_word_sentences/index.tsv: the wake word of each recording, and its times.

Columns: file, session, gender, dialect, phone, keyword, start_s, end_s, transcript.  start_s and end_s are 0 if the keyword is
not marked.  A session is one telephone call of one person; all its recordings are in one split.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, model_validator

from firmware.words import folded, normal_word
from train.corpora.clips import TESTING, TRAINING, VALIDATION
from train.corpora.table import File, Filled, Row, Time, raise_all, read_table

FOLDER = "wake_word_sentences"
INDEX = "index.tsv"
TESTING_SHARE, VALIDATION_SHARE = 0.5, 0.2
"""Share of the sessions for testing, and share of the others for validation."""


@dataclass(frozen=True)
class WakeRecording:
    path: Path
    session: str
    gender: str
    dialect: str
    keyword: str  # in its normal form: think_engine
    start_s: float
    end_s: float  # 0, as start_s, if the keyword is not marked
    transcript: str

    @property
    def split(self):
        return session_split(self.session)

    @property
    def marked(self):
        return self.end_s > 0

    def says(self, keyword):
        """How often the transcript contains a keyword, even as part of a word or inside a mark."""
        return _letters(self.transcript).count(_letters(keyword))

    def has_marked(self, keyword):
        """Whether the keyword is said once, completely, and its times are marked."""
        return self.keyword == keyword and self.marked and self.says(keyword) == 1

    def is_clear_of(self, keywords):
        """Whether no keyword, complete or broken off, is said outside the marked time of its own keyword."""
        return all(
            self.has_marked(keyword) if self.keyword == keyword else not self.says(keyword) for keyword in keywords
        )


def _letters(text):
    return "".join(letter for letter in folded(text) if letter.isalpha())


def session_split(session):
    """The split of a session, by a hash of its number."""
    place = int(hashlib.sha256(session.encode()).hexdigest()[:8], 16) / 2**32
    if place < TESTING_SHARE:
        return TESTING
    return VALIDATION if place < TESTING_SHARE + (1 - TESTING_SHARE) * VALIDATION_SHARE else TRAINING


def _in_an_hour(value):
    if value >= 3600:
        raise ValueError("is not a time in a recording in seconds")
    return value


Seconds = Annotated[Time, AfterValidator(_in_an_hour)]


class WakeRow(Row):
    file: File
    session: Filled
    gender: str
    dialect: str
    keyword: Filled
    start_s: Seconds
    end_s: Seconds
    transcript: str

    @model_validator(mode="after")
    def ends_after_its_start(self):
        if not self.start_s < self.end_s and (self.start_s, self.end_s) != (0, 0):
            raise ValueError(f"{self.keyword} ends at {self.end_s} s, not after its start at {self.start_s} s")
        return self

    def recording(self, folder):
        about = self.model_dump(exclude={"file", "keyword"})
        return WakeRecording(path=folder / self.file, keyword=normal_word(self.keyword), **about)


def read_wake_index(folder):
    """[WakeRecording] in the order of the table; ValueError with a line for each bad row."""
    path = folder / INDEX
    if not path.is_file():
        wanted = ", ".join(WakeRow.model_fields)
        raise ValueError(f"{path}: does not exist; corpus wake_words needs this table, with the columns {wanted}")
    rows, problems, lines = read_table(path, WakeRow), [], {}
    for number, row in rows:
        first = lines.setdefault(row.file, number)
        if not (folder / row.file).is_file():
            problems.append(f"{path}:{number}: file = {row.file!r}: no such recording")
        elif first != number:
            problems.append(f"{path}:{number}: file = {row.file!r} is in line {first} already")
    raise_all(problems)
    return [row.recording(folder) for _, row in rows]
