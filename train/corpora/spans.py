"""The span of a word: the frames of a recording in which it is spoken, found by their level; or of each of several utterances.

A frame is loud if it exceeds both the loudest frame less QUIETEST_DB and FLOOR_SHARE of the way, in dB, from the floor
(10th percentile of the frames) to the loudest frame.  Loud frames without a longer pause between them form a stretch; the
stretch with the most energy is the word.
"""

import numpy as np

QUIETEST_DB = 30.0
FLOOR_SHARE = 0.3
LONGEST_PAUSE_MS = 200
"""Longest pause inside a word: the closure before t or p lasts up to 0.15 s.  Sound further off is a click or a breath."""


APART_MS = 350
"""Utterances that follow one another have at least this pause between them; the words of a phrase have less."""
SOFTER_DB, SHORTEST_SHARE = 15.0, 0.4
"""An utterance is at most so much softer than the loudest, and at least this share of its length."""
RISE_DB = 10.0
"""Speech rises at least so far above the floor of its recording."""


def _stretches(level_db, frame_ms, pause_ms):
    """Arrays of loud frames, without a longer pause between the frames of an array."""
    loudest, floor = level_db.max(), np.percentile(level_db, 10)
    loud = np.flatnonzero(level_db >= max(loudest - QUIETEST_DB, floor + FLOOR_SHARE * (loudest - floor)))
    return np.split(loud, np.flatnonzero(np.diff(loud) > pause_ms // frame_ms + 1) + 1)


def span_of(level_db, frame_ms):
    """(first frame, last frame + 1) of the word; level_db: float [frames]."""
    stretches = _stretches(level_db, frame_ms, LONGEST_PAUSE_MS)
    word = max(stretches, key=lambda stretch: (10 ** (level_db[stretch] / 10)).sum())
    return int(word[0]), int(word[-1]) + 1


def spoken_frames(level_db, frame_ms):
    """Whether somebody speaks, bool [frames]: in loud frames and in the pauses within a word between them."""
    spoken = np.zeros(len(level_db), bool)
    for stretch in _stretches(level_db, frame_ms, LONGEST_PAUSE_MS):
        spoken[stretch[0] : stretch[-1] + 1] = True
    return spoken


def utterances_of(level_db, frame_ms):
    """[(first frame, last frame + 1)] of each of several utterances of a word in one recording; at least one."""
    stretches = _stretches(level_db, frame_ms, APART_MS)
    level = [10 * np.log10((10 ** (level_db[stretch] / 10)).mean()) for stretch in stretches]
    best = int(np.argmax([(10 ** (level_db[stretch] / 10)).sum() for stretch in stretches]))
    shortest, softest = SHORTEST_SHARE * np.ptp(stretches[best]), level[best] - SOFTER_DB
    return [
        (int(stretch[0]), int(stretch[-1]) + 1)
        for stretch, loudness in zip(stretches, level, strict=True)
        if np.ptp(stretch) >= shortest and loudness >= softest
    ]


def is_even(level_db):
    """Whether a recording never rises above its floor as speech does: noise alone."""
    return level_db.max() - np.percentile(level_db, 10) < RISE_DB
