"""Clips of one second as features, the form of every corpus: codes [frame, band] every 10 ms.

Frame j ends at sample 160 (j + 1), so 100 frames end within one second; a front end with a hop of 20 ms computes every second
one.  The first two frames begin before the clip's first sample.
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
class Clips:
    """codes int8 [clips, FRAMES, bands]; word, speaker and split str [clips]."""

    codes: np.ndarray
    word: np.ndarray
    speaker: np.ndarray
    split: np.ndarray

    def __len__(self):
        return len(self.codes)

    def require_whole(self):
        """ValueError if the arrays do not fit together."""
        if self.codes.dtype != np.int8 or self.codes.ndim != 3 or self.codes.shape[1] != FRAMES:
            raise ValueError(f"codes are {self.codes.dtype} {list(self.codes.shape)}")
        names = [self.word, self.speaker, self.split]
        if any(array.dtype.kind != "U" or array.shape != (len(self),) for array in names):
            raise ValueError("its words, speakers and splits are not one for each clip")

    def sha256(self):
        """A hash of all fields."""
        digest = hashlib.sha256(np.ascontiguousarray(self.codes))
        for names in (self.word, self.speaker, self.split):
            digest.update("\n".join(names).encode())
        return digest.hexdigest()

    def select(self, chosen):
        """The Clips at an index array or a mask."""
        return Clips(self.codes[chosen], self.word[chosen], self.speaker[chosen], self.split[chosen])


def join(parts):
    """Several Clips as one."""
    return Clips(
        *(np.concatenate([getattr(part, field) for part in parts]) for field in ("codes", "word", "speaker", "split"))
    )


def codes_of_clip(frontend, pcm):
    """Codes int8 [FRAMES, bands] of one second of PCM, int16 [CLIP_SAMPLES], by the C front end with a hop of 10 ms."""
    return FrontendC(replace(frontend, hop_ms=FRAME_MS)).features(pcm)


def codes_at_hops(frontend, codes):
    """The frames [..., hops, bands] of codes [..., FRAMES, bands] that a device with this front end computes."""
    step = frontend.hop_ms // FRAME_MS
    return np.ascontiguousarray(codes[..., step - 1 :: step, :])
