"""The synthesizer flite, if the program is installed (Debian package flite): four more voices.

A process speaks one utterance, always with the same samples.
"""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from firmware.audio.recordings import read_recording
from firmware.process import ending, run_limited
from train.corpora import synthesizer
from train.corpora.synthesizer import Synthesizer, SynthesizerError, digest_of, without_silence

VOICES = ("awb", "kal", "rms", "slt")
"""Without kal16, the speaker of kal at twice the sample rate: a speaker is in one split only."""
NORMAL_WPM = 175


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
        with tempfile.TemporaryDirectory() as folder:
            recording = Path(folder) / "spoken.wav"
            slower = f"duration_stretch={NORMAL_WPM / utterance.rate_wpm:.3f}"
            options = ["-voice", utterance.voice, "-s", slower, "-t", utterance.text, "-o", str(recording)]
            done = run_limited([self._program, *options], synthesizer.CPU_LIMIT_S, process_group=0)
            if done.returncode or not recording.is_file():
                how = ending(done.returncode, synthesizer.CPU_LIMIT_S)
                raise SynthesizerError(f"flite {how} {done.stderr.strip()}: {utterance}")
            return without_silence(read_recording(recording))
