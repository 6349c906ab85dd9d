"""The C library's logits for a set of test clips, with the state reset for each clip and streamed.

Streamed: all clips follow one another without a gap, in one order (sorted paths, shuffled with seed 0), and nothing is
reset.  A hop belongs to the clip that its frame ends in.  All clips are equally long: a recording is one second, padded with
zeros or cut to its first; validation clips are as long as train/validation_clips.py makes them.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from firmware.audio.recordings import one_second
from firmware.audio.soundness import is_silent
from firmware.command import print_remark
from firmware.frontend import CLIP_SAMPLES
from firmware.progress import progress
from firmware.words import describe_other_words
from train.corpora.folders import word_files, words_in
from train.corpora.recordings import heard
from train.decision import delay_hops, followed_by_silence, of_clips_alone, of_clips_in_a_stream, silence_after
from train.recipe import FOLDER_WORDS, SILENCE, UNKNOWN, label_among
from train.validation_clips import ValidationClips


@dataclass(frozen=True)
class TestSet:
    """Test clips in the streamed order: names, label indices, features, and the C library's logits."""

    names: list
    labels: np.ndarray
    codes: np.ndarray  # int8 [clips, hops, bands], from a reset front end, with the silence after each clip
    reset: np.ndarray  # int16 [clips, hops, labels], by which clips are decided
    streamed: np.ndarray  # int16 [clips, hops, labels]


def shuffled(count):
    return np.random.default_rng(0).permutation(count)


def tell_silent(files, clips):
    """Report recordings, (path, word), that are digital silence though their folder is a word's."""
    heard = zip(files, clips, strict=True)
    silent = [path for (path, word), clip in heard if FOLDER_WORDS.get(word, word) != SILENCE and is_silent(clip)]
    if silent:
        print_remark(
            f"{len(silent)} of {len(files)} recordings in folders of words are digital silence, the first: {min(silent)}"
        )


def hear_folder(spotter, folder):
    """A TestSet of the recordings in a folder, from PCM through the front end."""
    files = word_files(words_in(folder))
    if not files:
        raise ValueError(f"{folder}: no recordings in <word>/; give a folder that has a folder for each word")
    if UNKNOWN in spotter.labels:
        known = (*spotter.labels, *FOLDER_WORDS)
        for line in describe_other_words(Counter(word for _, word in files), known, f"counted as {UNKNOWN}"):
            print(line)
    files = [files[place] for place in shuffled(len(files))]
    clips = [one_second(pcm) for pcm in heard([path for path, _ in files], CLIP_SAMPLES, "reading")]
    tell_silent(files, clips)
    frontend, traces = spotter.frontend, []
    silence = np.zeros(delay_hops(frontend) * frontend.hop_samples, np.int16)
    for clip in progress(clips, "hearing, reset"):
        spotter.reset()
        traces.append(spotter.hear(np.concatenate([clip, silence])))
    spotter.reset()
    streamed = [spotter.hear(clip).logits for clip in progress([*clips, silence], "hearing, streamed")]
    return TestSet(
        [str(path.relative_to(folder)) for path, _ in files],
        np.array([label_among(spotter.labels, word) for _, word in files]),
        np.stack([trace.codes for trace in traces]),
        of_clips_alone(frontend, np.stack([trace.logits for trace in traces])),
        of_clips_in_a_stream(frontend, np.concatenate(streamed), len(clips)),
    )


def hear_clips(spotter, recipe, clips):
    """A TestSet of the validation clips among Clips; their features go into the network directly."""
    clips, reset = ValidationClips.of(recipe, clips), []
    frontend, (count, _, bands) = recipe.front, clips.codes.shape
    codes = followed_by_silence(frontend, clips.codes)
    for clip in progress(codes, "hearing, reset"):
        spotter.reset()
        reset.append(spotter.stream(clip))
    spotter.reset()
    stream = np.concatenate([clips.codes.reshape(-1, bands), silence_after(frontend, bands)])
    names = [f"{name}/{place}" for place, name in enumerate(clips.names)]
    return TestSet(
        names,
        clips.labels,
        codes,
        of_clips_alone(frontend, np.stack(reset)),
        of_clips_in_a_stream(frontend, spotter.stream(stream), count),
    )
