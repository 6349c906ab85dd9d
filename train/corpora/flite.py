"""flite as a second synthesizer, where the program is installed (Debian's package flite): four voices of other kinds.

It is a program for one utterance at a time, and says the same every time.
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
"""kal16 is left out: it is the speaker of kal, at twice the rate, and a speaker is in one split only."""
NORMAL_WPM = 175


class Flite(Synthesizer):
    """Speaks Utterances; their accents and pitches are not its own and change nothing."""

    name = "flite"

    def identity(self):
        """A hash of the program and our code; its voices are in libraries that come with it, so its version stands for them."""
        return digest_of(self, [Path(self._program)], self._printed("--version"))

    def voices(self):
        """Those of VOICES that it has, sorted; none where the program is not installed."""
        known = self._printed("-lv").split() if self._program else ()
        return [voice for voice in VOICES if voice in known]

    @cached_property
    def _program(self):
        return shutil.which("flite")

    def _printed(self, option):
        return subprocess.run([self._program, option], capture_output=True, text=True, errors="replace").stdout

    @contextmanager
    def speaker(self, threads):
        """A function that gives the PCM of an utterance."""
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
