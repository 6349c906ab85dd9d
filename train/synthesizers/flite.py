"""The synthesizer flite, if the program is installed (Debian package flite): four more voices.

A process speaks one utterance, always with the same samples.
"""

import shutil
import subprocess
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers.program import spoken_by
from train.synthesizers.synthesizer import (
    NORMAL_WPM,
    RATES_WPM,
    Synthesizer,
    Utterance,
    digest_of,
)

VOICES = ("awb", "kal", "rms", "slt")
"""Without kal16, the speaker of kal at twice the sample rate: a speaker is in one split only."""
SPLITS = {"awb": TRAINING, "slt": TRAINING, "kal": VALIDATION, "rms": TESTING}


class Flite(Synthesizer):
    """The synthesizer flite; it ignores the accent and the pitch of an Utterance."""

    name = "flite"

    def identity(self):
        """A hash of the program, its version and this code; the voices come with the program, so its version identifies them."""
        return digest_of(self, [Path(self._program)], self._printed("--version"))

    def voices(self):
        """The installed ones of VOICES, sorted; none if the program is not installed."""
        known = self._printed("-lv").split() if self._program else ()
        return [voice for voice in VOICES if voice in known]

    def voices_of(self, split, language):
        return [voice for voice in self.voices() if SPLITS[voice] == split] if language == "en" else []

    def draw(self, random, text, voices, language):
        return Utterance(text, str(random.choice(voices)), language, int(random.integers(*RATES_WPM)))

    @cached_property
    def _program(self):
        return shutil.which("flite")

    def _printed(self, option):
        return subprocess.run([self._program, option], capture_output=True, text=True, errors="replace").stdout

    @contextmanager
    def speaker(self, threads):
        """A context with a function utterance -> PCM."""
        yield self._say

    def _say(self, utterance):
        slower = f"duration_stretch={NORMAL_WPM / utterance.rate_wpm:.3f}"
        command = [self._program, "-voice", utterance.voice, "-s", slower, "-t", utterance.text, "-o"]
        return spoken_by(self.name, command, utterance)
