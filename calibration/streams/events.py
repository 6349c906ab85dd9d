"""What is said when in a stream: STREAM/<kind>/<anything>.flac or .wav, and STREAM/events.tsv beside the kinds.

A line of events.tsv: path (from STREAM), start_ms, end_ms (from the recording's first sample), word; any further
columns are carried along.  A recording that no line names holds no keyword.
"""

import csv
import io
from dataclasses import dataclass, field

from firmware.files import write_whole
from train.corpora.recordings import audio_files

TABLE = "events.tsv"
WANTED = ("path", "start_ms", "end_ms", "word")
KEYWORD, OTHER, SENTENCE = "keyword", "other", "sentence"
GROUPS = ("gender", "dialect")
"""Columns by which recall is told apart where a table has them."""
BUILT = (*WANTED, "event", "snr_db", "room", *GROUPS, "source")


@dataclass(frozen=True)
class Event:
    """A word, or a sentence where event says so, spoken from start_ms to end_ms."""

    start_ms: float
    end_ms: float
    word: str
    event: str = ""  # keyword, other, sentence, or empty: a word
    about: dict = field(default_factory=dict)  # {column: text} of GROUPS

    def moved(self, by_ms):
        return Event(self.start_ms + by_ms, self.end_ms + by_ms, self.word, self.event, self.about)


def write_events(path, rows):
    """rows: {column: value} of the columns BUILT; what a row lacks is left empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, BUILT, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar="\\")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue())


def _number(row, name):
    try:
        value = float(row[name])
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {row[name]!r} is no number") from None
    if not 0 <= value < 1e10:
        raise ValueError(f"{name} = {row[name]} is no time in a recording")
    return value


def _event(row, paths):
    """(path, Event) of a row; ValueError says what is wrong with it."""
    if None in row or None in row.values():
        raise ValueError("has not as many columns as the first line")
    start_ms, end_ms = _number(row, "start_ms"), _number(row, "end_ms")
    if row["path"] not in paths:
        raise ValueError(f"path = {row['path']!r}: the stream has no such recording")
    if not start_ms < end_ms:
        raise ValueError(f"ends at {end_ms} ms, not after its start at {start_ms} ms")
    if not row["word"].strip():
        raise ValueError("word is empty")
    about = {column: row[column] for column in GROUPS if row.get(column)}
    return row["path"], Event(start_ms, end_ms, row["word"].strip(), row.get("event", ""), about)


def read_events(path, paths):
    """{path: [Event] by start} for each of the paths; ValueError with a line for each bad row."""
    events = {name: [] for name in paths}
    if not path.exists():
        return events
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, escapechar="\\")
        lacking = [name for name in WANTED if name not in (reader.fieldnames or ())]
        if lacking:
            raise ValueError(f"{path}:1: lacks the columns {', '.join(lacking)} (separated by tabs)")
        problems = []
        for row in reader:
            try:
                name, event = _event(row, events)
                events[name].append(event)
            except ValueError as error:
                problems.append(f"{path}:{reader.line_num}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return {name: sorted(of, key=lambda event: event.start_ms) for name, of in events.items()}


def read_stream(folder):
    """{kind: [(path, [Event])]} of a stream's folder, recordings in the order of their names."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    kinds = {
        kind.name: audio_files(kind)
        for kind in sorted(folder.iterdir())
        if kind.is_dir() and not kind.name.startswith(".")
    }
    empty = [kind for kind, files in kinds.items() if not files]
    if empty or not kinds:
        raise ValueError(
            f"{folder / (empty[0] if empty else '<kind>')}: no recordings; wanted is {folder}/<kind>/*.wav"
        )
    names = {path: str(path.relative_to(folder)) for files in kinds.values() for path in files}
    events = read_events(folder / TABLE, names.values())
    return {kind: [(path, events[names[path]]) for path in files] for kind, files in kinds.items()}
