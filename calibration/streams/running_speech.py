"""Running speech without a keyword: recordings whose transcript holds none, or synthetic voices."""

import re

import numpy as np

from calibration.streams.description import SpokenPassages
from calibration.streams.events import SENTENCE
from calibration.streams.words import Clip
from firmware.audio.recordings import read_recording
from firmware.paths import data_folder
from firmware.words import contains_keyword, words_in_text
from train.corpora.clips import TESTING
from train.corpora.sentences import check_voices, speak_passages
from train.corpora.table import File, Row, read_table
from train.corpora.telephone import some_through_telephone

INDEX = "index.tsv"
MARKS = re.compile(r"\[+[^\[\]]*\]+|\{[^}]*\}\^?|\(\(.*?\)\)")
"""What a transcriber adds: [noise], {breath}, (( )) for what could not be understood."""


def plain(text):
    """A transcript on one line without its marks."""
    return " ".join(re.sub(r"[_+^*~%]", "", MARKS.sub(" ", text)).split())


class SentenceRow(Row):
    file: File
    transcript: str


def read_index(path):
    """[(path, transcript)] of a corpus's index.tsv; ValueError with a line for each bad row."""
    if not path.is_file():
        raise ValueError(f"{path}: not there; wanted is a table with the columns file and transcript")
    return [(path.parent / row.file, row.transcript) for _, row in read_table(path, SentenceRow)]


def rows_of(folder):
    """(index.tsv in a folder or beside it, [(path, transcript)] of the folder)."""
    index = next((path for path in (folder / INDEX, folder.parent / INDEX) if path.is_file()), folder / INDEX)
    return index, [(path, text) for path, text in read_index(index) if path.is_relative_to(folder)]


def check_sentences(section):
    """ValueError where the table of a folder is not there, or a synthesizer cannot speak."""
    if isinstance(section, SpokenPassages):
        check_voices(TESTING)
    else:
        rows_of(data_folder() / section)


def load_sentences(random, section, keywords):
    """Clips of sentences.  A recording is left out where its transcript holds a keyword, be it inside a mark, or
    where it has no words: nobody wrote down what is said there.

    A folder is under DATA and has index.tsv in it or beside it.
    """
    if isinstance(section, SpokenPassages):
        passages = speak_passages(TESTING, section.minutes, tuple(keywords), int(random.integers(2**31)))
        heard = some_through_telephone(random, [passage.pcm for passage in passages], section.telephone_probability)
        return [whole(passage.text, passage.voice, pcm) for passage, pcm in zip(passages, heard, strict=True)]
    folder = data_folder() / section
    index, rows = rows_of(folder)
    kept = [(path, text) for path, text in rows if words_in_text(plain(text)) and not contains_keyword(text, keywords)]
    print(
        f"{folder}: {len(rows) - len(kept)} of {len(rows)} recordings left out: a keyword or no words in their transcript"
    )
    if not kept:
        raise ValueError(f"{index}: of {len(rows)} recordings in {folder}, none is without a keyword")
    kept = [kept[place] for place in random.permutation(len(kept))]
    return [whole(plain(text), str(path.relative_to(data_folder())), read_recording(path)) for path, text in kept]


def whole(text, source, pcm):
    return Clip(text, source, np.asarray(pcm), 0, len(pcm))


def holding(rows, words):
    """How many sentences among rows of events.tsv hold one of some words."""
    return sum(row["event"] == SENTENCE and contains_keyword(row["word"], words) for row in rows)
