"""The table of a corpus of wake words, DATA/wake_word_sentences/index.tsv: which recording holds which wake word, and when.

Columns: file, session, gender, dialect, phone, keyword, start_s, end_s, transcript.  A keyword's times are 0 and 0 where
nobody marked it.  A session is one telephone call of one person; its recordings are never in two splits.
"""

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from firmware.paths import is_inside
from train.corpora.pictures import TESTING, TRAINING, VALIDATION

FOLDER = "wake_word_sentences"
INDEX = "index.tsv"
WANTED = ("file", "session", "gender", "dialect", "keyword", "start_s", "end_s", "transcript")
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
    return re.sub(r"[^a-z]", "", text.lower())


def session_split(session):
    """The split of a session, by a hash of its number."""
    place = int(hashlib.sha256(session.encode()).hexdigest()[:8], 16) / 2**32
    if place < TESTING_SHARE:
        return TESTING
    return VALIDATION if place < TESTING_SHARE + (1 - TESTING_SHARE) * VALIDATION_SHARE else TRAINING


def _time(row, name):
    try:
        value = float(row[name])
    except ValueError:
        raise ValueError(f"{name} = {row[name]!r} is no number") from None
    if not 0 <= value < 3600:
        raise ValueError(f"{name} = {row[name]} is no time in a recording, seconds")
    return value


def _recording(folder, row):
    """The WakeRecording of a row; ValueError says what is wrong with it."""
    if None in row or None in row.values():
        raise ValueError("has not as many columns as the first line")
    empty = [name for name in ("file", "session", "keyword") if not row[name].strip()]
    if empty:
        raise ValueError(f"{empty[0]} is empty")
    start_s, end_s = _time(row, "start_s"), _time(row, "end_s")
    if not start_s < end_s and (start_s, end_s) != (0, 0):
        raise ValueError(f"{row['keyword']} ends at {end_s} s, not after its start at {start_s} s")
    path = folder / row["file"]
    if not is_inside(row["file"]):
        raise ValueError(f"file = {row['file']!r} leads out of {folder}")
    if not path.is_file():
        raise ValueError(f"file = {row['file']!r}: no such recording")
    keyword = row["keyword"].strip().replace(" ", "_")
    return WakeRecording(
        path, row["session"], row["gender"], row["dialect"], keyword, start_s, end_s, row["transcript"]
    )


def read_wake_index(folder):
    """Every WakeRecording of a corpus, in the order of its table; ValueError with a line for each bad row."""
    path = folder / INDEX
    if not path.is_file():
        raise ValueError(f"{path}: not there; corpus wake_words wants this table, with the columns {', '.join(WANTED)}")
    recordings, problems, lines = [], [], {}
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        lacking = [name for name in WANTED if name not in (reader.fieldnames or ())]
        if lacking:
            raise ValueError(f"{path}:1: lacks the columns {', '.join(lacking)} (separated by tabs)")
        for row in reader:
            try:
                recordings.append(_recording(folder, row))
                first = lines.setdefault(row["file"], reader.line_num)
                if first != reader.line_num:
                    raise ValueError(f"file = {row['file']!r} stands in line {first} already")
            except ValueError as error:
                problems.append(f"{path}:{reader.line_num}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return recordings
