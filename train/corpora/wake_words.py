"""Wake words alone and in sentences over the telephone: DATA/wake_word_sentences (WUW Corpus II, V. Kepuska, CC BY-SA 4.0;
share-alike, so its models are published apart).

Clips are seconds of the recordings: a keyword with its surroundings, cut several times so that its end is at random places in
the last 60 % of the second, and seconds without a keyword.  Testing sessions are not used.
"""

import sys
import zlib

import numpy as np

from firmware.audio.recordings import read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import TESTING, TRAINING, VALIDATION, Clips, codes_of_clip
from train.corpora.sentences import RUNNING_SPEECH
from train.corpora.wake_index import FOLDER, read_wake_index

EARLIEST_END_SAMPLES = CLIP_SAMPLES * 4 // 10
OTHERS_STEP_SAMPLES = CLIP_SAMPLES // 2


def second_at(pcm, start):
    """One second of a recording from sample start on; zeros before its first sample and after its last."""
    before = max(0, -start)
    cut = pcm[max(0, start) : max(0, start + CLIP_SAMPLES)]
    return np.pad(cut, (before, CLIP_SAMPLES - before - len(cut)))


def keyword_start(random, start, end, samples):
    """A random first sample of a second that contains all of the word, with its end in the last 60 %.

    start, end: the word's samples.  The second lies within the recording, of `samples` samples, if any such second does.
    """
    first, last = end - CLIP_SAMPLES, min(start, end - EARLIEST_END_SAMPLES)
    inside = max(first, 0), min(last, samples - CLIP_SAMPLES)
    if inside[0] <= inside[1]:
        first, last = inside
    return int(random.integers(first, last + 1))


def _marked(recording):
    return round(recording.start_s * SAMPLE_RATE_HZ), round(recording.end_s * SAMPLE_RATE_HZ)


def keyword_clips(random, recording, pcm, cuts):
    """[second], `cuts` of them, that contain the keyword of a recording; none if the keyword is longer than a second."""
    start, end = _marked(recording)
    if end > len(pcm):
        raise ValueError(
            f"{recording.path}: {recording.keyword} ends at {recording.end_s} s, after the end of the recording"
        )
    if is_silent(pcm[start:end]):
        raise ValueError(
            f"{recording.path}: digital silence at {recording.start_s} s, where {recording.keyword} is marked"
        )
    if end - start > CLIP_SAMPLES:
        return []
    return [second_at(pcm, keyword_start(random, start, end, len(pcm))) for _ in range(cuts)]


def other_clips(recording, pcm, keywords):
    """[(word, second)] of the seconds without any part of a keyword.

    The word of a second that contains all of another wake word is that word.
    """
    start, end = _marked(recording) if recording.marked else (0, 0)
    clips = []
    for at in range(0, len(pcm) - CLIP_SAMPLES + 1, OTHERS_STEP_SAMPLES):
        touches = at < end and start < at + CLIP_SAMPLES
        if touches and recording.keyword in keywords:
            continue
        whole = touches and at <= start and end <= at + CLIP_SAMPLES
        clips.append((recording.keyword if whole else RUNNING_SPEECH, pcm[at : at + CLIP_SAMPLES]))
    return clips


def check(section, recipe, data):
    """ValueError if the table does not exist or has a bad row."""
    read_wake_index(data / FOLDER)


def load(section, recipe, data):
    """The corpus as Clips; prints how many recordings are left out."""
    recordings = [recording for recording in read_wake_index(data / FOLDER) if recording.split != TESTING]
    clear = [recording for recording in recordings if recording.is_clear_of(recipe.keywords)]
    codes, words, sessions, splits, too_long = [], [], [], [], 0
    for recording in progress(clear, "hearing wake words"):
        random = np.random.default_rng([recipe.seed, zlib.crc32(recording.path.name.encode())])
        pcm = read_recording(recording.path)
        clips = other_clips(recording, pcm, recipe.keywords)
        if recording.keyword in recipe.keywords:
            said = keyword_clips(random, recording, pcm, section.cuts)
            clips += [(recording.keyword, clip) for clip in said]
            too_long += not said
        for word, clip in clips:
            codes.append(codes_of_clip(recipe.front, clip))
            words.append(word)
            sessions.append(recording.session)
            splits.append(recording.split)
    if not {TRAINING, VALIDATION} <= set(splits):
        raise ValueError(
            f"{data / FOLDER}: its {len(clear)} usable recordings have no session for training or none for validation"
        )
    print(
        f"{data / FOLDER}: {len(recordings) - len(clear)} of {len(recordings)} recordings left out (keyword not marked, broken "
        f"off or said twice), and {too_long} keywords longer than a second",
        file=sys.stderr,
    )
    return Clips(np.stack(codes), np.array(words), np.array(sessions), np.array(splits))
