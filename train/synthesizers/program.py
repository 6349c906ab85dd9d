"""A synthesizer that is a program: a process speaks one utterance into a file, so each is the first and has the same samples."""

import tempfile
from pathlib import Path

import numpy as np

from firmware.audio.recordings import Reader
from firmware.process import ending, run_limited
from train.synthesizers import synthesizer
from train.synthesizers.synthesizer import SynthesizerError, without_silence


def spoken_by(name, command, utterance):
    """PCM int16 [samples] at 16 kHz; command: what to run, to which the path of a WAV file is added."""
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "spoken.wav"
        done = run_limited([*command, str(recording)], synthesizer.CPU_LIMIT_S, process_group=0)
        if done.returncode or not recording.is_file():
            how = ending(done.returncode, synthesizer.CPU_LIMIT_S)
            raise SynthesizerError(f"{name} {how} {done.stderr.strip()}: {utterance}")
        return without_silence(np.concatenate(list(Reader(recording).blocks())))
