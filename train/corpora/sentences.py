"""Running speech without a keyword, which a device hears most of the day, by the installed synthesizers.

A passage is several sentences in one voice with short pauses.  A voice is in one split only: those of espeak-ng as in corpus
`speech`, those of flite by FLITE_SPLITS.
"""

import sys
import zlib
from dataclasses import dataclass

import numpy as np

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import RUNNING_SPEECH, TESTING, TRAINING, VALIDATION, Clip, Clips, codes_of_pcm
from train.corpora.espeak import ACCENTS, Espeak
from train.corpora.flite import Flite
from train.corpora.grammar import Grammar
from train.corpora.speech import PEAKS, PITCHES, voices_of_split
from train.corpora.synthesizer import Utterance
from train.corpora.telephone import some_through_telephone

FLITE_SPLITS = {"awb": TRAINING, "slt": TRAINING, "kal": VALIDATION, "rms": TESTING}
FLITE_SHARE = 0.3
RATES_WPM = (130, 230)
PAUSES_MS = (100, 700)
SENTENCES_A_PASSAGE = 6
PASSAGES_AT_ONCE = 20
VALIDATION_VOICES = 8


@dataclass(frozen=True)
class Passage:
    """pcm: int16 [samples] at 16 kHz, the text spoken in the voice."""

    text: str
    voice: str
    pcm: np.ndarray


def voices_by_synthesizer(split):
    """[(synthesizer, its voices in a split)]: espeak-ng and flite, which has none if it is not installed."""
    espeak, flite = Espeak(), Flite()
    return [
        (espeak, voices_of_split(espeak, VALIDATION_VOICES)[split]),
        (flite, [voice for voice in flite.voices() if FLITE_SPLITS[voice] == split]),
    ]


def _joined(random, sentences):
    """Sentences with a pause after each, scaled to a random peak: PCM int16 [samples]."""
    parts = []
    for pcm in sentences:
        pause = np.zeros(int(random.integers(*PAUSES_MS)) * SAMPLE_RATE_HZ // 1000)
        parts += [pcm, pause]
    pcm = np.concatenate(parts)
    return np.rint(pcm * (np.exp(random.uniform(*np.log(PEAKS))) / np.abs(pcm).max())).astype(np.int16)


def _passages(random, grammar, synthesizers):
    """PASSAGES_AT_ONCE passages, so that the synthesizers work on many utterances at a time."""
    drawn = [[] for _ in synthesizers]
    for _ in range(PASSAGES_AT_ONCE):
        other = len(synthesizers[1][1]) > 0 and random.random() < FLITE_SHARE
        voice, accent = str(random.choice(synthesizers[other][1])), str(random.choice(ACCENTS))
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
            passages.append(Passage(" ".join(utterance.text for utterance in said), said[0].voice, pcm))
    return passages


def speak_passages(split, minutes, keywords, seed):
    """Passages of a split without keywords, of at least this many minutes in total."""
    random = np.random.default_rng([seed, zlib.crc32(split.encode())])
    grammar, synthesizers = Grammar(keywords, split), voices_by_synthesizer(split)
    passages, samples = [], 0
    with progress(None, f"speaking {minutes} min", "s", total=minutes * 60) as bar:
        while samples < minutes * 60 * SAMPLE_RATE_HZ:
            passages += _passages(random, grammar, synthesizers)
            heard, samples = samples, sum(len(passage.pcm) for passage in passages)
            bar.update((samples - heard) // SAMPLE_RATE_HZ)
    return passages


def check_voices(*splits):
    """SynthesizerError if a synthesizer cannot speak in a voice of the splits; prints a line if flite is missing."""
    for split in splits:
        for synthesizer, voices in voices_by_synthesizer(split):
            synthesizer.speak([Utterance("ready", voice) for voice in voices[:1]], None)
    if not Flite().voices():
        print("flite is not installed: running speech uses the voices of espeak-ng alone", file=sys.stderr)


def check(section, recipe, data):
    """ValueError if the corpus cannot be spoken."""
    for split in (TRAINING, VALIDATION):
        Grammar(recipe.keywords, split)
    check_voices(TRAINING, VALIDATION)


def load(section, recipe, data):
    """The corpus as Clips, one for each passage."""
    clips = []
    for split, minutes in ((TRAINING, section.minutes), (VALIDATION, section.validation_minutes)):
        random = np.random.default_rng([recipe.seed, zlib.crc32(split.encode()), 1])
        passages = speak_passages(split, minutes, recipe.keywords, recipe.seed)
        heard = some_through_telephone(random, [passage.pcm for passage in passages], section.telephone_probability)
        for passage, pcm in zip(progress(passages, "hearing passages"), heard, strict=True):
            clips.append(Clip.throughout(codes_of_pcm(recipe.front, pcm), RUNNING_SPEECH, passage.voice, split))
    return Clips.of(clips)
