"""flite as a second synthesizer, where the program is installed (Debian's package flite): four voices of other kinds.

It is a program for one utterance at a time, and says the same every time.
"""

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from firmware.audio import read_recording
from train.corpora.espeak import SynthesizerError, without_silence

VOICES = ("awb", "kal", "rms", "slt")
"""kal16 is left out: it is the speaker of kal, at twice the rate, and a speaker is in one split only."""
NORMAL_WPM = 175
TIME_LIMIT_S = 60


class Flite:
    """Speaks Utterances of espeak.py; their accents and pitches are not its own and change nothing."""

    def voices(self):
        """Its voices, sorted; none where the program is not installed."""
        return list(VOICES) if shutil.which("flite") else []

    def speak(self, utterances):
        """PCM int16 [samples] at 16 kHz of each utterance, without the silence around it."""
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return list(pool.map(self._speak, utterances))

    def _speak(self, utterance):
        with tempfile.TemporaryDirectory() as folder:
            recording = Path(folder) / "spoken.wav"
            slower = f"duration_stretch={NORMAL_WPM / utterance.rate_wpm:.3f}"
            command = ["flite", "-voice", utterance.voice, "-s", slower, "-t", utterance.text, "-o", str(recording)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
            if done.returncode or not recording.is_file():
                raise SynthesizerError(f"flite refused {utterance}: {done.stderr.strip()}")
            return without_silence(read_recording(recording))
