"""Running speech without a keyword, which a device hears most of the day, by the installed synthesizers.

A passage is several sentences in one voice with short pauses.  A voice is in one split only.  The sentences are those of
grammar.py, or lines of a text file in any language.
"""

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import RUNNING_SPEECH, Clip, Clips, codes_of_pcm
from train.corpora.grammar import Grammar
from train.corpora.lines import Lines
from train.corpora.speech import scaled
from train.splits import TRAINING, VALIDATION
from train.synthesizers.espeak import PITCHES, Espeak
from train.synthesizers.flite import Flite
from train.synthesizers.synthesizer import SynthesizerError, Utterance

SPOKEN_BY = Espeak.name, Flite.name
FLITE_SHARE = 0.3
RATES_WPM = (130, 230)
PAUSES_MS = (100, 700)
SENTENCES_A_PASSAGE = 6
PASSAGES_AT_ONCE = 20


@dataclass(frozen=True)
class Passage:
    """pcm: int16 [samples] at 16 kHz, the text spoken in the voice of a synthesizer."""

    text: str
    voice: str
    synthesizer: str
    pcm: np.ndarray


def voices_by_synthesizer(split, language):
    """[(synthesizer, its voices in a split)]: espeak-ng and flite, which has none if it is not installed."""
    return [(synthesizer, synthesizer.voices_of(split, language)) for synthesizer in (Espeak(), Flite())]


def _joined(random, sentences):
    """Sentences with a pause after each, scaled to a random peak: PCM int16 [samples]."""
    parts = []
    for pcm in sentences:
        pause = np.zeros(int(random.integers(*PAUSES_MS)) * SAMPLE_RATE_HZ // 1000)
        parts += [pcm, pause]
    return scaled(random, np.concatenate(parts))


def _passages(random, grammar, synthesizers, accents):
    """PASSAGES_AT_ONCE passages, so that the synthesizers work on many utterances at a time."""
    drawn = [[] for _ in synthesizers]
    for _ in range(PASSAGES_AT_ONCE):
        other = len(synthesizers[1][1]) > 0 and random.random() < FLITE_SHARE
        voice, accent = str(random.choice(synthesizers[other][1])), str(random.choice(accents))
        rate, pitch = int(random.integers(*RATES_WPM)), int(random.integers(*PITCHES))
        drawn[other] += [
            Utterance(grammar.sentence(random), voice, accent, rate, pitch) for _ in range(SENTENCES_A_PASSAGE)
        ]
    passages = []
    for (synthesizer, _), utterances in zip(synthesizers, drawn, strict=True):
        spoken = synthesizer.speak(utterances, None)
        for start in range(0, len(utterances), SENTENCES_A_PASSAGE):
            said = utterances[start : start + SENTENCES_A_PASSAGE]
            pcm = _joined(random, spoken[start : start + SENTENCES_A_PASSAGE])
            text = " ".join(utterance.text for utterance in said)
            passages.append(Passage(text, said[0].voice, synthesizer.name, pcm))
    return passages


def speak_passages(split, minutes, keywords, seed, language="en", text=""):
    """Passages of a split without keywords, of at least this many minutes in total; text: a file of sentences, or nothing."""
    random = np.random.default_rng([seed, zlib.crc32(split.encode())])
    grammar = Lines(Path(text), keywords, split) if text else Grammar(keywords, split)
    synthesizers, accents = voices_by_synthesizer(split, language), Espeak().accents(language)
    passages, samples = [], 0
    with progress(None, f"speaking {minutes} min", "s", total=minutes * 60) as bar:
        while samples < minutes * 60 * SAMPLE_RATE_HZ:
            passages += _passages(random, grammar, synthesizers, accents)
            heard, samples = samples, sum(len(passage.pcm) for passage in passages)
            bar.update((samples - heard) // SAMPLE_RATE_HZ)
    return passages


def check_voices(*splits, language="en"):
    """SynthesizerError if a synthesizer cannot speak in a voice of the splits; prints a line if flite is missing."""
    for split in splits:
        spoken = voices_by_synthesizer(split, language)
        if not any(voices for _, voices in spoken):
            raise SynthesizerError(spoken[0][0].without_voices(language))
        for synthesizer, voices in spoken:
            synthesizer.speak([Utterance("ready", voice) for voice in voices[:1]], None)
    if language == "en" and not Flite().voices():
        print("flite is not installed: running speech uses the voices of espeak-ng alone", file=sys.stderr)


def check(section, recipe, data):
    """ValueError if the corpus cannot be spoken."""
    for split in (TRAINING, VALIDATION):
        Lines(Path(section.text), recipe.keywords, split) if section.text else Grammar(recipe.keywords, split)
    check_voices(TRAINING, VALIDATION, language=section.language)


def load(section, recipe, data):
    """The corpus as Clips, one for each passage."""
    clips = []
    for split, minutes in ((TRAINING, section.minutes), (VALIDATION, section.validation_minutes)):
        passages = speak_passages(split, minutes, recipe.keywords, recipe.seed, section.language, section.text)
        for passage in progress(passages, "hearing passages"):
            codes = codes_of_pcm(recipe.front, passage.pcm)
            clips.append(Clip.throughout(codes, RUNNING_SPEECH, passage.voice, split, passage.synthesizer))
    return Clips.of(clips)
