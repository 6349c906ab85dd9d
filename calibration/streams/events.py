"""The recordings and events of a stream: STREAM/<kind>/<anything>.flac or .wav, and STREAM/events.tsv.

Columns of events.tsv: path (relative to STREAM), start_ms and end_ms (from the recording's first sample), word; others are
optional (EventRow) or ignored.  A recording without a line contains no keyword.
"""

import re
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, model_validator

from firmware.audio.recordings import BadRecording, Reader
from firmware.command import print_remark
from firmware.files import write_whole
from firmware.words import normal_word
from train.corpora.folders import audio_files
from train.corpora.table import Filled, Row, Time, raise_all, read_table

TABLE = "events.tsv"
KEYWORD, OTHER, SENTENCE = "keyword", "other", "sentence"
GROUPS = ("gender", "dialect")
"""Optional columns; recall is given for each of their values."""
BUILT = ("path", "start_ms", "end_ms", "word", "event", "snr_db", "room", *GROUPS, "source")
SHORTEST_MS, LONGEST_MS = 20, 10_000
"""Plausible lengths of a word."""
LONG_MS = 600_000
"""Length from which on a recording is expected to have events beyond its first hundredth."""


@dataclass(frozen=True)
class Event:
    """A word, or a sentence if event says so, spoken from start_ms to end_ms; word: empty for an unknown sentence."""

    start_ms: float
    end_ms: float
    word: str
    event: str = ""  # keyword, other, sentence, or empty: a word
    about: dict = field(default_factory=dict)  # {column: text} of GROUPS

    def moved(self, by_ms):
        """The same event later."""
        return Event(self.start_ms + by_ms, self.end_ms + by_ms, self.word, self.event, self.about)


def _kind_of_event(text):
    if normal_word(text) not in (KEYWORD, OTHER, SENTENCE, ""):
        raise ValueError(f"must be {KEYWORD}, {OTHER}, {SENTENCE} or empty")
    return normal_word(text)


class EventRow(Row):
    """A row of events.tsv; event: keyword, other, sentence, or empty for a word of any kind.

    The word of a sentence may be empty: nobody knows what is said.
    """

    path: Filled
    start_ms: Time
    end_ms: Time
    word: str
    event: Annotated[str, AfterValidator(_kind_of_event)] = ""
    gender: str = ""
    dialect: str = ""

    @model_validator(mode="after")
    def has_a_word(self):
        if not self.word and self.event != SENTENCE:
            raise ValueError("word is empty")
        return self

    @model_validator(mode="after")
    def ends_after_its_start(self):
        if not self.start_ms < self.end_ms:
            raise ValueError(f"end_ms {self.end_ms} is not after start_ms {self.start_ms}")
        return self

    @property
    def lasts_ms(self):
        return self.end_ms - self.start_ms

    @property
    def said(self):
        """The normal form of a word, or a sentence as it is written."""
        return self.word if self.event == SENTENCE else normal_word(self.word)

    def as_event(self):
        about = {column: getattr(self, column) for column in GROUPS if getattr(self, column)}
        return Event(self.start_ms, self.end_ms, self.said, self.event, about)


def write_events(path, rows):
    """Write events.tsv; rows: {column: value} of the columns BUILT, missing ones left empty."""
    lines = [BUILT, *([re.sub(r"[\t\r\n]", " ", str(row.get(column, ""))) for column in BUILT] for row in rows)]
    write_whole(path, "".join("\t".join(line) + "\n" for line in lines))


def read_events(path, lengths_ms):
    """{path: [Event] by start} of the recordings {path: length in ms, or None if unknown}.

    ValueError with a line for each bad row.
    """
    events = {name: [] for name in lengths_ms}
    if not path.exists():
        return events
    rows = [
        (number, row if row.path in events else row.model_copy(update={"path": row.path.replace("\\", "/")}))
        for number, row in read_table(path, EventRow)
    ]
    raise_all(
        [
            f"{path}:{number}: path = {row.path!r}: no such recording in the stream"
            for number, row in rows
            if row.path not in events
        ]
    )
    words = [(number, row) for number, row in rows if row.event != SENTENCE]
    require_milliseconds(path, words, lengths_ms)
    require_apart(path, words)
    for _, row in rows:
        events[row.path].append(row.as_event())
    return {name: sorted(spoken, key=lambda event: event.start_ms) for name, spoken in events.items()}


def require_milliseconds(path, rows, lengths_ms):
    """ValueError if times cannot be milliseconds: one line if most are wrong, else a line for each wrong row."""
    short = sum(row.lasts_ms < SHORTEST_MS for _, row in rows)
    if short > len(rows) / 2:
        raise ValueError(
            f"{path}: {short} of {len(rows)} events are shorter than {SHORTEST_MS} ms: start_ms and end_ms are milliseconds; "
            "multiply seconds by 1000"
        )
    wrong = {}
    for number, row in rows:
        if (lengths_ms[row.path] or row.end_ms) < row.end_ms:
            wrong[number] = (
                f"{row.word} ends at {row.end_ms} ms, after the end of {row.path} at {lengths_ms[row.path]:.0f} ms"
            )
        elif row.lasts_ms > LONGEST_MS:
            wrong[number] = (
                f"{row.word} lasts {row.lasts_ms / 1000:.1f} s, too long for a word (write event = {SENTENCE})"
            )
    if len(wrong) > max(1, len(rows) / 2):
        raise ValueError(
            f"{path}: {len(wrong)} of {len(rows)} events are too long or end after their recording (first: line "
            f"{min(wrong)}); times are milliseconds: divide 16 kHz samples by 16, microseconds by 1000"
        )
    raise_all([f"{path}:{number}: {why}; times are milliseconds" for number, why in wrong.items()])
    for name, length_ms in lengths_ms.items():
        ends = [row.end_ms for _, row in rows if row.path == name]
        if len(ends) > 2 and (length_ms or 0) >= LONG_MS and max(ends) < length_ms / 100:
            print_remark(
                f"{path}: all {len(ends)} events of {name} are in the first {max(ends) / 1000:.1f} s of "
                f"{length_ms / 60_000:.0f} min: are the times milliseconds?"
            )


def require_apart(path, rows):
    """ValueError with a line for each event that is a duplicate, or overlaps the event before it with the same word."""
    problems, last = {}, {}
    for number, row in sorted(rows, key=lambda numbered: (numbered[1].start_ms, numbered[0])):
        before = last.get((row.path, row.said))
        if before and row.start_ms < before[1].end_ms:
            same = (row.start_ms, row.end_ms) == (before[1].start_ms, before[1].end_ms)
            what = "duplicates" if same else f"{row.word} at {row.start_ms} ms overlaps"
            problems[number] = f"{path}:{number}: {what} line {before[0]}"
        if not before or row.end_ms > before[1].end_ms:
            last[row.path, row.said] = number, row
    raise_all([problems[number] for number in sorted(problems)])


def stated_length_ms(path):
    """A recording's length according to its header; None for a bad recording, which is reported when it is read."""
    try:
        with Reader(path) as reader:
            return reader.seconds * 1000
    except BadRecording:
        return None


def warn_of_no_events(folder):
    """Warn that every detection will count as a false accept, and name files that may have been meant as events.tsv."""
    alike = [path.name for path in folder.iterdir() if path.stem.casefold() == "events" and path.name != TABLE]
    why = "has no rows" if (folder / TABLE).exists() else "is not there"
    meant = f" ({', '.join(alike)} is not read)" if alike else ""
    print_remark(f"{folder / TABLE} {why}{meant}: every detection will count as a false accept")


def read_stream(folder):
    """{kind: [(path, [Event])]} of a stream's folder, kinds and recordings sorted by name."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    kinds = {
        kind.name: audio_files(kind)
        for kind in sorted(folder.iterdir())
        if kind.is_dir() and not kind.name.startswith(".")
    }
    empty = [kind for kind, files in kinds.items() if not files]
    if empty or not kinds:
        raise ValueError(f"{folder / (empty[0] if empty else '<kind>')}: no recordings; put them into {folder}/<kind>/")
    names = {path: str(path.relative_to(folder)) for files in kinds.values() for path in files}
    events = read_events(folder / TABLE, {name: stated_length_ms(path) for path, name in names.items()})
    if not any(events.values()):
        warn_of_no_events(folder)
    return {kind: [(path, events[names[path]]) for path in files] for kind, files in kinds.items()}
