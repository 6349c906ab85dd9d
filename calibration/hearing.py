"""Clips as the C library hears them, by the clip rule: reset, each clip from a reset spotter; streamed, all clips joined
without a gap in one order (sorted paths, shuffled, seed 0), nothing ever reset, a clip's hops those whose frame ends in
it.  A clip is one second: zeros at the end, or the first second.
"""

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from firmware.audio.soundness import is_silent
from firmware.progress import progress
from firmware.words import told_apart
from train.corpora.clips import VALIDATION, codes_at_hops
from train.corpora.recordings import seconds_of, word_files, words_in
from train.recipe import FOLDER_WORDS, SILENCE, UNKNOWN


@dataclass(frozen=True)
class TestSet:
    """Names and label indices of clips in the streamed order, and the logits that the C library gave them."""

    names: list
    labels: np.ndarray
    codes: np.ndarray  # int8 [clips, hops, bands], from a reset front end
    reset: np.ndarray  # int16 [clips, hops, labels]
    streamed: np.ndarray  # likewise


def shuffled(count):
    return np.random.default_rng(0).permutation(count)


def label_of_word(word, labels):
    """The label index of a test folder's normal word; a word the model does not know is unknown."""
    word = FOLDER_WORDS.get(word, word)
    return labels.index(word if word in labels else UNKNOWN)


def tell_silent(files, clips):
    """Say which recordings of words, (path, word), cannot be recognised by anybody."""
    heard = zip(files, clips, strict=True)
    silent = [path for (path, word), clip in heard if FOLDER_WORDS.get(word, word) != SILENCE and is_silent(clip)]
    if silent:
        print(
            f"{len(silent)} of {len(files)} recordings are digital silence in a word's folder: {min(silent)}",
            file=sys.stderr,
        )


def hear_folder(spotter, folder):
    """A TestSet of recordings, through PCM."""
    files = word_files(words_in(folder))
    if not files:
        raise ValueError(f"{folder}: no recordings in <word>/")
    for line in told_apart(
        Counter(word for _, word in files), (*spotter.labels, *FOLDER_WORDS), f"counted as {UNKNOWN}"
    ):
        print(line)
    files = [files[place] for place in shuffled(len(files))]
    clips = list(seconds_of([path for path, _ in files], "reading"))
    tell_silent(files, clips)
    traces = []
    for clip in progress(clips, "hearing, reset"):
        spotter.reset()
        traces.append(spotter.hear(clip))
    spotter.reset()
    streamed = [spotter.hear(clip).logits for clip in progress(clips, "hearing, streamed")]
    return TestSet(
        [str(path.relative_to(folder)) for path, _ in files],
        np.array([label_of_word(word, spotter.labels) for _, word in files]),
        np.stack([trace.codes for trace in traces]),
        np.stack([trace.logits for trace in traces]),
        np.stack(streamed),
    )


def hear_clips(spotter, recipe, clips):
    """A TestSet of the validation clips among Clips; features enter at the cell."""
    clips = clips.select(clips.split == VALIDATION)
    rows = shuffled(len(clips))
    clips = clips.select(rows)
    codes = codes_at_hops(recipe.front, clips.codes)
    reset = []
    for clip in progress(codes, "hearing, reset"):
        spotter.reset()
        reset.append(spotter.stream(clip))
    reset = np.stack(reset)
    spotter.reset()
    streamed = spotter.stream(codes.reshape(-1, codes.shape[2]))
    return TestSet(
        [f"{word}/{speaker}/{row}" for word, speaker, row in zip(clips.word, clips.speaker, rows, strict=True)],
        np.array([recipe.label_of(word) for word in clips.word]),
        codes,
        reset,
        streamed.reshape(reset.shape),
    )
