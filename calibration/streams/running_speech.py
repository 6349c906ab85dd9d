"""Running speech: recordings with transcripts or synthetic voices, without keywords; or recordings without transcripts."""

import re
from pathlib import Path

import numpy as np

from calibration.streams.description import SpokenPassages, UntranscribedSpeech
from calibration.streams.events import SENTENCE
from calibration.streams.words import Clip
from firmware.audio.recordings import read_recording
from firmware.paths import data_folder
from firmware.words import contains_keyword, words_in_text
from train.corpora.lines import Lines
from train.corpora.running_speech import recordings_of
from train.corpora.sentences import check_voices, speak_passages
from train.corpora.table import File, Row, read_table
from train.splits import TESTING

INDEX = "index.tsv"
MARKS = re.compile(r"\[+[^\[\]]*\]+|\{[^}]*\}\^?|\(\(.*?\)\)")
"""A transcriber's annotations: [noise], {breath}, (( )) for unintelligible speech."""


def plain(text):
    """A transcript on one line, without annotations."""
    return " ".join(re.sub(r"[_+^*~%]", "", MARKS.sub(" ", text)).split())


class SentenceRow(Row):
    """A row of index.tsv."""

    file: File
    transcript: str


def read_index(path):
    """[(path, transcript)] of a corpus's index.tsv; ValueError with a line for each bad row."""
    if not path.is_file():
        raise ValueError(f"{path}: not there; write a table with the columns file and transcript")
    return [(path.parent / row.file, row.transcript) for _, row in read_table(path, SentenceRow)]


def rows_of(folder):
    """(index.tsv in a folder or beside it, [(path, transcript)] of the folder)."""
    index = next((path for path in (folder / INDEX, folder.parent / INDEX) if path.is_file()), folder / INDEX)
    return index, [(path, text) for path, text in read_index(index) if path.is_relative_to(folder)]


def check_sentences(section, keywords):
    """ValueError if recordings, the index.tsv of a folder or a file of sentences do not exist, or a synthesizer cannot speak."""
    if isinstance(section, SpokenPassages):
        if section.text:
            Lines(Path(section.text), keywords, TESTING)
        check_voices(TESTING, language=section.language)
    elif isinstance(section, UntranscribedSpeech):
        recordings_of(data_folder() / section.untranscribed, [TESTING], tell=False)
    else:
        rows_of(data_folder() / section)


def load_sentences(random, section, keywords):
    """Clips of sentences; section: SpokenPassages, UntranscribedSpeech, or a folder under DATA with index.tsv in or beside it.

    A recording is left out if its transcript contains a keyword, annotations included, or has no words at all.
    """
    if isinstance(section, UntranscribedSpeech):
        return load_untranscribed(random, section)
    if isinstance(section, SpokenPassages):
        passages = speak_passages(
            TESTING, section.minutes, tuple(keywords), int(random.integers(2**31)), section.language, section.text
        )
        return [sentence_clip(passage.text, passage.voice, passage.pcm) for passage in passages]
    folder = data_folder() / section
    index, rows = rows_of(folder)
    kept = [(path, text) for path, text in rows if words_in_text(plain(text)) and not contains_keyword(text, keywords)]
    print(
        f"{folder}: {len(rows) - len(kept)} of {len(rows)} recordings left out: keyword in the transcript, or no words"
    )
    if not kept:
        raise ValueError(
            f"{index}: none of {len(rows)} recordings in {folder} is free of keywords and has a transcript"
        )
    kept = [kept[place] for place in random.permutation(len(kept))]
    return [
        sentence_clip(plain(text), str(path.relative_to(data_folder())), read_recording(path)) for path, text in kept
    ]


def load_untranscribed(random, section):
    """Clips of UntranscribedSpeech, in random order, with an empty text."""
    recordings = recordings_of(data_folder() / section.untranscribed, [TESTING])
    shuffled = [recordings[place][0] for place in random.permutation(len(recordings))]
    return [sentence_clip("", str(path.relative_to(data_folder())), read_recording(path)) for path in shuffled]


def sentence_clip(text, source, pcm):
    """A Clip that is spoken from its first sample to its last."""
    return Clip(text, source, np.asarray(pcm), 0, len(pcm))


def count_containing(rows, words):
    """The number of sentences among rows of events.tsv that contain one of the words."""
    return sum(row["event"] == SENTENCE and contains_keyword(row["word"], words) for row in rows)
