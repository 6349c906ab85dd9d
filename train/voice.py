"""Voice activity: whether somebody speaks, known from the level of clean speech before anything is mixed.

In a word, from its onset to its end; in running speech, in its loud frames and the pauses within words.  The loss of a recipe
with task = "voice" is the cross-entropy at every hop, whatever is said.
"""

import numpy as np
import torch
from torch.nn import functional

from train.corpora.clips import FRAME_MS, RUNNING_SPEECH, levels_db
from train.corpora.spans import spoken_frames

VOICE, SILENCE = range(2)
"""Labels of a model of voice."""


def spoken_in(clips, labels):
    """Whether somebody speaks, bool [frames of all clips]; labels int [clips]."""
    spoken = np.zeros(len(clips.codes), bool)
    for clip in np.flatnonzero(labels == VOICE).tolist():
        start, (onset, end) = clips.starts[clip], clips.span[clip]
        spoken[start + onset : start + end] = (
            spoken_frames(levels_db(clips.codes_of(clip)), FRAME_MS) if clips.word[clip] == RUNNING_SPEECH else True
        )
    return spoken


def spoken_at(layout, spoken):
    """Whether somebody speaks at each hop of a Layout, bool [windows, hops]; spoken: of spoken_in."""
    return layout.sounds & spoken[layout.source]


class VoiceLoss:
    """The loss of a batch: float logits [windows, hops, 2] of a Layout of Clips with int labels [clips]."""

    def __init__(self, clips, labels):
        self.spoken = spoken_in(clips, labels)

    def __call__(self, logits, layout):
        labels = torch.from_numpy(np.where(spoken_at(layout, self.spoken), VOICE, SILENCE))
        return functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
