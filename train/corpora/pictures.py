"""Clips as pictures: levels [frame, band] every 10 ms, the common form of every corpus.

Frame j of a clip ends at sample 160 (j + 1), so 100 frames end inside one second, and a front end with
a hop of 20 ms sees every second one.  The first two reach back before the clip's first sample.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.host.binding import FrontendC

FRAME_MS = 10
FRAMES = CLIP_SAMPLES * 1000 // SAMPLE_RATE_HZ // FRAME_MS

TRAINING, VALIDATION, TESTING = "training", "validation", "testing"


@dataclass(frozen=True)
class Pictures:
    """levels uint8 [clips, FRAMES, bands]; word, speaker and split str [clips]."""

    levels: np.ndarray
    word: np.ndarray
    speaker: np.ndarray
    split: np.ndarray

    def __len__(self):
        return len(self.levels)

    def require_whole(self):
        """ValueError where the arrays do not fit to one another."""
        names = [self.word, self.speaker, self.split]
        if self.levels.dtype != np.uint8 or self.levels.ndim != 3 or self.levels.shape[1] != FRAMES:
            raise ValueError(f"levels are {self.levels.dtype} {list(self.levels.shape)}")
        if any(of.dtype.kind != "U" or of.shape != (len(self),) for of in names):
            raise ValueError("its words, speakers and splits are not those of its levels")

    def sha256(self):
        """A hash of every clip and what is known of it."""
        digest = hashlib.sha256(np.ascontiguousarray(self.levels))
        for names in (self.word, self.speaker, self.split):
            digest.update("\n".join(names).encode())
        return digest.hexdigest()

    def select(self, chosen):
        """The clips at an index or mask."""
        return replace(
            self,
            levels=self.levels[chosen],
            word=self.word[chosen],
            speaker=self.speaker[chosen],
            split=self.split[chosen],
        )


def join(parts):
    """All clips of several Pictures."""
    return Pictures(
        *(np.concatenate([getattr(part, field) for part in parts]) for field in ("levels", "word", "speaker", "split"))
    )


def picture(frontend, clip):
    """Levels uint8 [FRAMES, bands] of a clip of one second, int16, through the C front end with a hop of 10 ms."""
    codes = FrontendC(replace(frontend, hop_ms=FRAME_MS)).features(clip)
    return (codes.astype(np.int16) + 128).astype(np.uint8)


def hops_of(frontend, levels):
    """Codes int8 [..., hops, bands] that a device with this front end computes of levels [..., FRAMES, bands]."""
    step = frontend.hop_ms // FRAME_MS
    return (levels[..., step - 1 :: step, :].astype(np.int16) - 128).astype(np.int8)
