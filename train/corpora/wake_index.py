"""The table of a corpus of wake words, DATA/wake_word_sentences/index.tsv: which recording holds which wake word, and when.

Columns: file, session, gender, dialect, phone, keyword, start_s, end_s, transcript.  A keyword's times are 0 and 0 where
nobody marked it.  A session is one telephone call of one person; its recordings are never in two splits.
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
"""Half of the sessions test; of the other half a fifth validates."""


@dataclass(frozen=True)
class WakeRecording:
    path: Path
    session: str
    gender: str
    dialect: str
    keyword: str  # as a recipe writes it: think_engine
    start_s: float
    end_s: float  # 0 with start_s 0: the keyword is not marked
    transcript: str

    @property
    def split(self):
        return session_split(self.session)

    @property
    def marked(self):
        return self.end_s > 0

    def says(self, keyword):
        """How often a keyword is written in the transcript, be it joined to another word or inside a mark."""
        return _letters(self.transcript).count(_letters(keyword))

    def has_marked(self, keyword):
        """The keyword is said whole, once, and its times are known."""
        return self.keyword == keyword and self.marked and self.says(keyword) == 1

    def is_clear_of(self, keywords):
        """Outside the marked time of its keyword none of some keywords is said, nor a part of one that was meant."""
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
        raise ValueError("is no time in a recording, seconds")
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
    """Every WakeRecording of a corpus, in the order of its table; ValueError with a line for each bad row."""
    path = folder / INDEX
    if not path.is_file():
        wanted = ", ".join(WakeRow.model_fields)
        raise ValueError(f"{path}: not there; corpus wake_words wants this table, with the columns {wanted}")
    rows, problems, lines = read_table(path, WakeRow), [], {}
    for number, row in rows:
        first = lines.setdefault(row.file, number)
        if not (folder / row.file).is_file():
            problems.append(f"{path}:{number}: file = {row.file!r}: no such recording")
        elif first != number:
            problems.append(f"{path}:{number}: file = {row.file!r} stands in line {first} already")
    raise_all(problems)
    return [row.recording(folder) for _, row in rows]
