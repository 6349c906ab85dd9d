"""The synthesizer espeak-ng, with the library and the voices of the package espeakng-loader.

One process per core (espeak_process.py) speaks; the error of a crash or a hang there names the utterance.
"""

import json
import os
import signal
import subprocess
import sys
import zlib
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from firmware.process import ending
from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers import espeak_process, synthesizer
from train.synthesizers.synthesizer import (
    RATES_WPM,
    Synthesizer,
    SynthesizerError,
    Utterance,
    digest_of,
    resample,
    without_silence,
)

ACCENTS = ("en", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc")
EFFECTS = ("robot", "robo", "whisper", "demonic", "tweaky", "croak", "announcer", "fast", "kaukovalta", "storm")
SOUND_DATA = ("phontab", "phonindex", "phondata", "intonations", "*_dict", "lang/**/*", "voices/!v/*")
PITCHES = (25, 75)
TEST_BASE_VOICES, VALIDATION_BASE_VOICES = 10, 8
"""The numbers of base voices for testing and for validation; all others are for training."""


def base_voice(voice):
    """The voice that a voice is a variant of: edward for edward2; m1 and m2 are different people."""
    name = voice.lower()
    return name if name[0] in "mf" and name[1:].isdigit() else name.rstrip("0123456789")


class Espeak(Synthesizer):
    """The synthesizer espeak-ng; each call of speak starts new processes."""

    name = "espeak-ng"

    def __init__(self):
        try:
            import espeakng_loader
        except ImportError:
            raise SynthesizerError(
                "espeak-ng: the Python package espeakng-loader is not installed; `make setup` installs it"
            ) from None
        self.library = Path(espeakng_loader.get_library_path())
        self.data = Path(espeakng_loader.get_data_path())

    def identity(self):
        """A hash of the library, the data of the voices and this code."""
        files = [path for pattern in SOUND_DATA for path in sorted(self.data.glob(pattern)) if path.is_file()]
        return digest_of(self, [Path(espeak_process.__file__), self.library, *files])

    def voices(self):
        """All variants that sound like a person, sorted."""
        names = (path.name for path in (self.data / "voices" / "!v").iterdir())
        return sorted(name for name in names if not any(effect in name.lower() for effect in EFFECTS))

    def splits(self):
        """{split: voices}; all variants of a base voice are in one split."""
        bases = sorted({base_voice(voice) for voice in self.voices()})
        order = np.random.default_rng(zlib.crc32(b"base voices")).permutation(len(bases))
        parts = np.split(np.array(bases)[order], [TEST_BASE_VOICES, TEST_BASE_VOICES + VALIDATION_BASE_VOICES])
        return {
            split: [voice for voice in self.voices() if base_voice(voice) in part.tolist()]
            for split, part in zip((TESTING, VALIDATION, TRAINING), parts, strict=True)
        }

    def voices_of(self, split, language):
        return self.splits()[split] if self.accents(language) else []

    def accents(self, language):
        """ACCENTS of English; of another language such as de, it and its variants; none if there is no such language."""
        if language == "en":
            return ACCENTS
        names = {path.name for path in (self.data / "lang").rglob("*") if path.is_file()}
        return tuple(sorted(name for name in names if name == language or name.startswith(f"{language}-")))

    def draw(self, random, text, voices, language):
        voice, accent = str(random.choice(voices)), str(random.choice(self.accents(language)))
        return Utterance(text, voice, accent, int(random.integers(*RATES_WPM)), int(random.integers(*PITCHES)))

    @contextmanager
    def speaker(self, threads):
        """A context with a function utterance -> PCM, for up to this many threads."""
        with ExitStack() as stack:
            idle = SimpleQueue()
            for _ in range(threads):
                idle.put(stack.enter_context(_Process(self.library, self.data)))

            def say(utterance):
                if not (self.data / "voices" / "!v" / utterance.voice).is_file():
                    raise SynthesizerError(f"espeak-ng has no voice '{utterance.voice}'")
                process = idle.get()
                try:
                    return process.say(utterance)
                finally:
                    idle.put(process)

            yield say


class _Process:
    """A process that speaks one utterance at a time; it ends with this process and does not receive Ctrl-C."""

    def __init__(self, library, data):
        command = [
            sys.executable,
            "-I",
            "-S",
            espeak_process.__file__,
            str(library),
            str(data),
            str(synthesizer.CPU_LIMIT_S),
        ]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        self.library = library

    def __enter__(self):
        try:
            self.rate_hz = int(self._answer(f"{self.library} cannot be loaded"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def say(self, utterance):
        """PCM int16 [samples] at 16 kHz."""
        voice = f"{utterance.accent}+{utterance.voice}"
        request = json.dumps([utterance.text, voice, utterance.rate_wpm, utterance.pitch])
        with suppress(BrokenPipeError):  # the answer will not come either
            self.child.stdin.write(f"{request}\n".encode())
            self.child.stdin.flush()
        pcm = np.frombuffer(self._answer(utterance), np.int16)
        return without_silence(resample(pcm, self.rate_hz))

    def _answer(self, what):
        """The content of an answer; SynthesizerError, with what was asked, if it is an error or the process died."""
        head = self.child.stdout.read(espeak_process.ANSWER.size)
        if len(head) < espeak_process.ANSWER.size:
            raise SynthesizerError(f"espeak-ng {ending(self.child.wait(), synthesizer.CPU_LIMIT_S)}: {what}")
        status, size = espeak_process.ANSWER.unpack(head)
        content = self.child.stdout.read(size)
        if status or len(content) < size:
            wrong = content.decode() if status > 0 else ending(status or self.child.wait(), synthesizer.CPU_LIMIT_S)
            raise SynthesizerError(f"espeak-ng {wrong}: {what}")
        return content

    def __exit__(self, *_):
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        with suppress(BrokenPipeError):
            self.child.stdin.close()
        self.child.stdout.close()
