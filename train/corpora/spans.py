"""The span of a word: the frames of a recording in which it is spoken, found by their level.

A frame is loud if it exceeds both the loudest frame less QUIETEST_DB and FLOOR_SHARE of the way, in dB, from the floor
(10th percentile of the frames) to the loudest frame.  Loud frames without a longer pause between them form a stretch; the
stretch with the most energy is the word.
"""

import numpy as np

QUIETEST_DB = 30.0
FLOOR_SHARE = 0.3
LONGEST_PAUSE_MS = 200
"""Longest pause inside a word: the closure before t or p lasts up to 0.15 s.  Sound further off is a click or a breath."""


def span_of(level_db, frame_ms):
    """(first frame, last frame + 1) of the word; level_db: float [frames]."""
    loudest, floor = level_db.max(), np.percentile(level_db, 10)
    loud = np.flatnonzero(level_db >= max(loudest - QUIETEST_DB, floor + FLOOR_SHARE * (loudest - floor)))
    stretches = np.split(loud, np.flatnonzero(np.diff(loud) > LONGEST_PAUSE_MS // frame_ms + 1) + 1)
    word = max(stretches, key=lambda stretch: (10 ** (level_db[stretch] / 10)).sum())
    return int(word[0]), int(word[-1]) + 1
