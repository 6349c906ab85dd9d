"""The synthesizer SVOX Pico (Apache-2.0), in the package py-nanotts: one voice each for six languages.

No recipe trains on it: it tests what was trained on others.
"""

import sys
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec

from train.splits import TESTING
from train.synthesizers.program import spoken_by
from train.synthesizers.synthesizer import (
    NORMAL_WPM,
    RATES_WPM,
    Synthesizer,
    SynthesizerError,
    Utterance,
    digest_of,
)

PACKAGE = "py_nanotts"
VOICES = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT")
PITCHES = (30, 80)
"""Of an Utterance; 50 is the voice's own pitch."""


class Pico(Synthesizer):
    """The synthesizer Pico; it ignores the accent of an Utterance, whose voice has one."""

    name = "pico"

    def identity(self):
        """A hash of the package's version and this code."""
        return digest_of(self, [], version(PACKAGE))

    def voices(self):
        """VOICES; none if the package is not installed."""
        return list(VOICES) if find_spec(PACKAGE) else []

    def voices_of(self, split, language):
        return [voice for voice in self.voices() if split == TESTING and voice.startswith(f"{language}-")]

    def draw(self, random, text, voices, language):
        voice, rate, pitch = random.choice(voices), random.integers(*RATES_WPM), random.integers(*PITCHES)
        return Utterance(text, str(voice), language, int(rate), int(pitch))

    def lacking(self):
        return "" if self.voices() else "its package is not installed; `make setup WITH=voices` installs it"

    @contextmanager
    def speaker(self, threads):
        """A context with a function utterance -> PCM."""
        if lacking := self.lacking():
            raise SynthesizerError(f"pico: {lacking}")
        yield self._say

    def _say(self, utterance):
        speed, pitch = utterance.rate_wpm / NORMAL_WPM, 2 ** ((utterance.pitch - 50) / 50)
        options = ["-v", utterance.voice, f"--speed={speed:.3f}", f"--pitch={pitch:.3f}"]
        return spoken_by(self.name, [sys.executable, "-I", "-m", PACKAGE, *options, utterance.text, "-o"], utterance)
