"""The interface of a synthesizer, whose utterances are spoken once and stored in BUILD/spoken.

A synthesizer defines `name`; `identity()`; `voices()`, those that are installed; `voices_of(split, language)`, those of them for
a split; `draw(random, text, voices, language)`, an Utterance in one of some voices at a random rate; and `speaker(threads)`.  The
key of a stored utterance is all that decides its samples: the identity (program, voices and this project's code around them)
and the Utterance.
"""

import hashlib
import inspect
import threading
from contextlib import ExitStack, closing, contextmanager
from dataclasses import astuple, dataclass
from functools import cached_property, partial
from importlib.metadata import version

import numpy as np
import soxr

from firmware.audio.recordings import FULL_SCALE, as_pcm, rounded_pcm
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import build_folder
from firmware.progress import progress
from firmware.workers import cores, each
from train.synthesizers.spoken_clips import KEY_BYTES, SpokenClips

AUDIBLE = 64
"""Magnitude above which a sample is not silence."""

NORMAL_WPM = 175
"""The rate at which a synthesizer with a factor of speed has the factor 1."""

RATES_WPM = (140, 220)
"""The range, without its end, from which the rate of a word is drawn, in whole words per minute."""

CPU_LIMIT_S = 60
"""Limit of processor time for an utterance; a sentence takes milliseconds, even on a loaded machine."""


class SynthesizerError(ValueError):
    """A synthesizer or a voice is missing, or an utterance was refused; the message names it."""


@dataclass(frozen=True)
class Utterance:
    """A text, the voice and accent to speak it in, the rate in words per minute, and the pitch 0..99."""

    text: str
    voice: str
    accent: str = "en"
    rate_wpm: int = NORMAL_WPM
    pitch: int = 50


def resample(pcm, rate_hz):
    """PCM int16 at 16 kHz.  Resampled as float, because soxr dithers int16, not reproducibly in the last samples."""
    return as_pcm(soxr.resample(pcm / FULL_SCALE, rate_hz, SAMPLE_RATE_HZ, quality="VHQ"))


def without_silence(pcm):
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > AUDIBLE)
    return pcm[loud[0] : loud[-1] + 1] if len(loud) else pcm[:0]


def digest_of(synthesizer, files, *settings):
    """A hash of files, settings and the code between a synthesizer and a clip."""
    digest = hashlib.sha256(repr((settings, SAMPLE_RATE_HZ, AUDIBLE, FULL_SCALE, version("soxr"))).encode())
    for code in (type(synthesizer), resample, without_silence, as_pcm, rounded_pcm):
        digest.update(inspect.getsource(code).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


_speakers = {}
"""{key of a synthesizer: (context, function utterance -> PCM)} that are open in this process."""
_opening = threading.Lock()


def say(synthesizer, utterance):
    """PCM of an utterance; the first call in a process opens the synthesizer's speaker."""
    key = synthesizer.key()
    with _opening:
        if key not in _speakers:
            context = ExitStack()
            _speakers[key] = context, context.enter_context(synthesizer.speaker(cores()))
    pcm = _speakers[key][1](utterance)
    if not len(pcm):
        raise SynthesizerError(f"{synthesizer.name} returned no sound: {utterance}")
    return pcm


@contextmanager
def closing_speaker(synthesizer):
    """Close the speaker of this process at the end of the block."""
    try:
        yield
    finally:
        context, _ = _speakers.pop(synthesizer.key(), (ExitStack(), None))
        context.close()


class Synthesizer:
    """Speaks utterances on all cores; speaker(threads) is a context with a function utterance -> PCM for each thread."""

    def __getstate__(self):
        """What another process needs to make the same synthesizer."""
        found_again = {name for name, value in vars(type(self)).items() if isinstance(value, cached_property)} | {
            "_clips"
        }
        return {name: value for name, value in vars(self).items() if name not in found_again}

    def key(self):
        """The same for synthesizers that say the same."""
        return type(self), repr(sorted(self.__getstate__().items()))

    def lacking(self):
        """What keeps it from speaking at all, as text; empty if it can."""
        return "" if self.voices() else "not installed"

    def without_voices(self, language):
        """Why it has no voice of a split for a language."""
        return f"{self.name}: {self.lacking() or f'has no voice of this split for language {language}'}"

    def speak(self, utterances, what="speaking"):
        """[PCM int16 [samples] at 16 kHz] of utterances, without the silence around them; SynthesizerError names a bad one.

        what: the words before the progress, or None for no progress.
        """
        keys = [hashlib.sha256(repr(astuple(utterance)).encode()).digest()[:KEY_BYTES] for utterance in utterances]
        spoken = {key: self._clips.get(key) for key in dict.fromkeys(keys)}
        lacking = {key: utterance for key, utterance in zip(keys, utterances, strict=True) if spoken[key] is None}
        if lacking:
            bar = progress(None, what, total=len(spoken), initial=len(spoken) - len(lacking), disable=what is None)
            said = each(partial(say, self), lacking.values(), prefer="threads")
            with bar, closing_speaker(self), closing(said):  # after an error, no further utterance begins
                for key, pcm in zip(lacking, said, strict=True):
                    self._clips.put(key, pcm)
                    spoken[key] = pcm
                    bar.update()
        return [spoken[key] for key in keys]

    @cached_property
    def _clips(self):
        return SpokenClips(build_folder() / "spoken" / f"{self.name}-{self.identity()}")
