"""Clips as features, the form of every corpus: codes [frame, band] every 10 ms, of any length.

A clip is a recording of one word, of running speech without a keyword, or of background without speech.  Frame j ends at
sample 160 (j + 1); a front end with a hop of 20 ms computes every second one.  The first two frames begin before the clip's
first sample.

Codes are log-mel values whatever the front end, because sounds are mixed in energies; codes_heard are what a network hears.
"""

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from firmware.frontend import (
    CLIP_SAMPLES,
    CODE_ZERO_POINT,
    SAMPLE_RATE_HZ,
    codes_of_log_mel,
    energy_of_log_mel,
    log_mel_of_codes,
    log_mel_of_energy,
)
from firmware.host.binding import FrontendC
from train import micro
from train.corpora.spans import span_of, utterances_of

FRAME_MS = 10
FRAMES = CLIP_SAMPLES * 1000 // SAMPLE_RATE_HZ // FRAME_MS
"""The frames of one second, the length by which clips are decided."""

NAMES = ("word", "speaker", "split", "synthesizer")
"""The fields of Clips that are names."""
RUNNING_SPEECH = "_unknown_"
"""The word of a clip of running speech without a keyword."""

ENERGIES = energy_of_log_mel(log_mel_of_codes(np.arange(-128, 128, dtype=np.int8))).astype(np.float32)
"""Band energies of the codes -128..127."""


def energies_of(codes):
    """The band energies, float32, of codes int8 of the same shape."""
    return ENERGIES[codes.astype(np.int16) - CODE_ZERO_POINT]


def mean_energies(codes):
    """The mean band energy of each frame, float32 [frames], of codes int8 [frames, bands]."""
    return energies_of(codes).mean(1)


def levels_db(codes):
    """mean_energies in dB; that of digital silence is 0."""
    return 10 * np.log10(1 + mean_energies(codes))


@dataclass(frozen=True)
class Clip:
    """codes int8 [frames, bands]; the word is spoken in frames span[0] <= frame < span[1]; synthesizer: its name, or nothing
    for a recording."""

    codes: np.ndarray
    word: str
    speaker: str
    split: str
    span: tuple
    synthesizer: str = ""

    @classmethod
    def of_word(cls, codes, word, speaker, split, synthesizer=""):
        """A clip whose word is where it is loudest."""
        return cls(codes, word, speaker, split, span_of(levels_db(codes), FRAME_MS), synthesizer)

    @classmethod
    def of_utterances(cls, codes, word, speaker, split):
        """Clips of a word that is said once or several times in a recording, each up to half the way to its neighbours."""
        spans = utterances_of(levels_db(codes), FRAME_MS)
        ends = [0, *((last + first) // 2 for (_, last), (first, _) in pairwise(spans)), len(codes)]
        return [
            cls(codes[begin:end], word, speaker, split, (first - begin, last - begin))
            for (first, last), (begin, end) in zip(spans, pairwise(ends), strict=True)
        ]

    @classmethod
    def throughout(cls, codes, word, speaker, split, synthesizer=""):
        """A clip that is of one kind from its first frame to its last: running speech or background."""
        return cls(codes, word, speaker, split, (0, len(codes)), synthesizer)


@dataclass(frozen=True)
class Clips:
    """Many clips: codes int8 [frames of all clips, bands], frames int [clips], span int [clips, 2] in frames of the clip, word,
    speaker, split and synthesizer str [clips]."""

    codes: np.ndarray
    frames: np.ndarray
    span: np.ndarray
    word: np.ndarray
    speaker: np.ndarray
    split: np.ndarray
    synthesizer: np.ndarray

    @classmethod
    def of(cls, clips):
        """Clips of [Clip], at least one."""
        return cls(
            np.concatenate([clip.codes for clip in clips]),
            np.array([len(clip.codes) for clip in clips]),
            np.array([clip.span for clip in clips]),
            *(np.array([getattr(clip, name) for clip in clips]) for name in NAMES),
        )

    def __len__(self):
        return len(self.frames)

    def arrays(self):
        """{field: array}."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def require_whole(self):
        """ValueError if the arrays do not fit together."""
        for name, numbers, dimensions in (("frames", self.frames, 1), ("span", self.span, 2)):
            if numbers.dtype.kind != "i" or numbers.ndim != dimensions:
                raise ValueError(f"{name} are {numbers.dtype} {list(numbers.shape)}")
        if self.codes.dtype != np.int8 or self.codes.ndim != 2 or len(self.codes) != self.frames.sum():
            raise ValueError(f"codes are {self.codes.dtype} {list(self.codes.shape)}")
        if self.span.shape != (len(self), 2):
            raise ValueError("its spans are not one for each clip")
        first, last = self.span.T
        if not ((0 <= first) & (first < last) & (last <= self.frames)).all():
            raise ValueError("a word is not within its clip")
        names = [getattr(self, name) for name in NAMES]
        if any(array.dtype.kind != "U" or array.shape != (len(self),) for array in names):
            raise ValueError("its words, speakers, splits and synthesizers are not one for each clip")

    @cached_property
    def starts(self):
        """The first frame of each clip among the codes, int [clips]."""
        return np.cumsum(self.frames) - self.frames

    def codes_of(self, clip):
        """Codes int8 [frames, bands] of the clip at an index."""
        return self.codes[self.starts[clip] : self.starts[clip] + self.frames[clip]]

    def sha256(self):
        """A hash of all fields."""
        digest = hashlib.sha256(np.ascontiguousarray(self.codes))
        for numbers in (self.frames, self.span):
            digest.update(np.ascontiguousarray(numbers, "<i8"))
        for names in (getattr(self, name) for name in NAMES):
            digest.update("\n".join(names).encode(errors="surrogateescape"))
        return digest.hexdigest()

    def select(self, chosen):
        """The Clips at an index array or a mask."""
        places = np.arange(len(self))[chosen]
        codes = [self.codes_of(place) for place in places.tolist()]
        return Clips(
            np.concatenate([self.codes[:0], *codes]),
            *(getattr(self, name)[places] for name in ("frames", "span", *NAMES)),
        )

    def in_pieces(self, frames):
        """(codes int8 [pieces, frames, bands], the index of the clip of each): a shorter clip ends in digital silence, a longer
        one is cut into whole pieces."""
        pieces, owners = [], []
        for clip in range(len(self)):
            codes = self.codes_of(clip)
            whole = max(1, len(codes) // frames)
            lacking = max(0, frames - len(codes))
            padded = np.pad(codes[: whole * frames], ((0, lacking), (0, 0)), constant_values=CODE_ZERO_POINT)
            pieces.append(padded.reshape(whole, frames, -1))
            owners += [clip] * whole
        return np.concatenate(pieces), np.array(owners)


def join(parts):
    """Several Clips as one."""
    return Clips(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Clips)))


def codes_of_pcm(frontend, pcm):
    """Codes int8 [frames, bands] of PCM int16 [samples], by the C front end with a hop of 10 ms; of kind micro in numpy."""
    if frontend.is_micro:
        return codes_of_log_mel(log_mel_of_energy(micro.energies_of_pcm(frontend, pcm)))
    return FrontendC(replace(frontend, hop_ms=FRAME_MS)).features(pcm)


def codes_at_hops(frontend, codes):
    """The frames [..., hops, bands] of codes [..., frames, bands] that a device with this front end computes."""
    step = frontend.hop_ms // FRAME_MS
    return np.ascontiguousarray(codes[..., step - 1 :: step, :])


def codes_heard(frontend, codes):
    """What a network hears of codes [..., frames, bands] at a device's hops, int8 [..., hops, bands]."""
    if frontend.is_micro:
        codes = micro.codes_of_energies(energies_of(codes))
    return codes_at_hops(frontend, codes)
