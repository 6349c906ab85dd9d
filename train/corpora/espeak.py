"""espeak-ng as a synthesizer, from the library and voices that the package espeakng-loader carries.

A synthesizer is one small class: `voices()` names what it can speak with, `speak(utterances)` returns PCM.

espeak-ng remembers: the same text spoken twice in one process differs by samples.  So the library is
initialised once in a process of its own, which forks for every utterance: each is spoken by a library that
has never spoken, and a clip does not depend on what was spoken before.  Nor on when: the breath of a voice
is random noise, seeded with the time unless told otherwise.  An unknown voice goes on in the
voice before it and an unknown variant in the plain voice, so the one's return code is checked and the
other's file looked for.
"""

import ctypes
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soxr

from firmware.audio import FULL_SCALE, as_pcm
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import ROOT

ACCENTS = ("en", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc")
EFFECTS = ("robot", "robo", "whisper", "demonic", "tweaky", "croak", "announcer", "fast", "kaukovalta", "storm")
TIME_LIMIT_S = 600


class SynthesizerError(ValueError):
    """A voice is not there or an utterance was refused."""


@dataclass(frozen=True)
class Utterance:
    """text spoken in a voice (a variant of espeak-ng) with an accent, at rate_wpm words a minute, pitch 0..99."""

    text: str
    voice: str
    accent: str = "en"
    rate_wpm: int = 175
    pitch: int = 50


def base_voice(voice):
    """What a voice is a variation of: edward2 is edward, but m1 and m2 are two people."""
    name = voice.lower()
    return name if name[0] in "mf" and name[1:].isdigit() else name.rstrip("0123456789")


class Espeak:
    """The synthesizer; each call of speak runs fresh processes."""

    def __init__(self):
        import espeakng_loader

        self.library = espeakng_loader.get_library_path()
        self.data = Path(espeakng_loader.get_data_path())

    def voices(self):
        """Every variant that sounds like a person, sorted."""
        names = (path.name for path in (self.data / "voices" / "!v").iterdir())
        return sorted(name for name in names if not any(effect in name.lower() for effect in EFFECTS))

    def speak(self, utterances):
        """PCM int16 [samples] at 16 kHz of each utterance, without the silence around it; SynthesizerError names a bad one."""
        for utterance in utterances:
            if not (self.data / "voices" / "!v" / utterance.voice).is_file():
                raise SynthesizerError(f"espeak-ng has no voice '{utterance.voice}'")
        workers = max(1, min(len(os.sched_getaffinity(0)), len(utterances)))
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(self._speak_in_a_process, [utterances[start::workers] for start in range(workers)]))
        spoken = [None] * len(utterances)
        for start, part in enumerate(parts):
            spoken[start::workers] = part
        for utterance, pcm in zip(utterances, spoken, strict=True):
            if not len(pcm):
                raise SynthesizerError(f"espeak-ng says nothing: {utterance}")
        return spoken

    def _speak_in_a_process(self, utterances):
        request = json.dumps([str(self.library), str(self.data), [asdict(utterance) for utterance in utterances]])
        done = subprocess.run(
            [sys.executable, "-c", "from train.corpora.espeak import answer; answer()"],
            input=request.encode(),
            cwd=ROOT,
            capture_output=True,
            timeout=TIME_LIMIT_S,
        )
        if done.returncode:
            raise SynthesizerError(done.stderr.decode().strip() or f"espeak-ng ended with status {done.returncode}")
        spoken, place = [], 0
        while place < len(done.stdout):
            rate_hz, size = np.frombuffer(done.stdout, np.int32, 2, place)
            pcm = np.frombuffer(done.stdout, np.int16, size, place + 8)
            place += 8 + 2 * int(size)
            spoken.append(without_silence(resample(pcm, rate_hz)))
        return spoken


def resample(pcm, rate_hz):
    """PCM int16 at 16 kHz.  soxr would dither int16, and the dither of the last samples is not the same every time."""
    return as_pcm(soxr.resample(pcm / FULL_SCALE, rate_hz, SAMPLE_RATE_HZ, quality="VHQ"))


def without_silence(pcm):
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 64)
    return pcm[loud[0] : loud[-1] + 1] if len(loud) else pcm[:0]


_SYNCHRONOUS, _UTF8, _RATE, _PITCH = 2, 1, 1, 3
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def _speak_once(library, utterance):
    """PCM int16 of one utterance from an initialised library; raises SynthesizerError."""
    pieces = []

    @_CALLBACK
    def collect(samples, count, _events):
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    library.espeak_SetSynthCallback(collect)
    name = f"{utterance.accent}+{utterance.voice}".encode()
    text = utterance.text.encode()
    codes = {
        f"voice {name.decode()}": library.espeak_SetVoiceByName(name),
        f"rate {utterance.rate_wpm}": library.espeak_SetParameter(_RATE, utterance.rate_wpm, 0),
        f"pitch {utterance.pitch}": library.espeak_SetParameter(_PITCH, utterance.pitch, 0),
        f"text '{utterance.text}'": library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None),
    }
    library.espeak_Synchronize()
    refused = [f"{what} (code {code})" for what, code in codes.items() if code]
    if refused or not pieces:
        raise SynthesizerError(f"espeak-ng refused {', '.join(refused) or 'to speak'}: {utterance}")
    return b"".join(pieces)


def _speak_in_a_fork(library, rate_hz, utterance):
    """Write [rate_hz, samples, PCM] to standard output from a child of its own; returns the child's exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            pcm = _speak_once(library, utterance)
            sys.stdout.buffer.write(np.array([rate_hz, len(pcm) // 2], np.int32).tobytes() + pcm)
            sys.stdout.buffer.flush()
            status = 0
        except SynthesizerError as error:
            print(error, file=sys.stderr)
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def answer():
    """The process that _speak_in_a_process starts: a request on standard input, every clip on standard output."""
    library_path, data, utterances = json.load(sys.stdin)
    library = ctypes.CDLL(library_path)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), 0)
    if rate_hz <= 0:
        sys.exit(f"espeak-ng could not be initialised from {data}")
    for utterance in utterances:
        if _speak_in_a_fork(library, rate_hz, Utterance(**utterance)):
            sys.exit(1)
