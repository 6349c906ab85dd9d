"""Words spoken by installed synthesizers, so that a machine without a network still trains.

Every clip is drawn from the recipe's seed: voice, accent, rate, pitch, and where in its second the word
stands.  Base voices are split three ways: most train, some validate, and some are kept for recordings that
prove the product.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from firmware.frontend import CLIP_SAMPLES
from firmware.progress import progress
from train.corpora.espeak import ACCENTS, Espeak, base_voice
from train.corpora.pictures import TESTING, TRAINING, VALIDATION, Pictures, picture
from train.corpora.synthesizer import Utterance
from train.corpora.telephone import some_through_telephone

TEST_BASE_VOICES = 10
VALIDATION_CLIPS_SHARE = 0.2
RATES_WPM = (140, 220)
PITCHES = (25, 75)
PEAKS = (2000, 24000)


@dataclass(frozen=True)
class Spoken:
    """A clip of one second and who spoke it."""

    word: str
    utterance: Utterance
    pcm: np.ndarray


def voices_of_split(synthesizer, validation_voices):
    """{split: voices}; a base voice is in one split only, whatever the recipe."""
    bases = sorted({base_voice(voice) for voice in synthesizer.voices()})
    order = np.random.default_rng(zlib.crc32(b"base voices")).permutation(len(bases))
    kept = [bases[place] for place in order]
    sides = {
        TESTING: kept[:TEST_BASE_VOICES],
        VALIDATION: kept[TEST_BASE_VOICES : TEST_BASE_VOICES + validation_voices],
        TRAINING: kept[TEST_BASE_VOICES + validation_voices :],
    }
    return {
        split: [voice for voice in synthesizer.voices() if base_voice(voice) in side] for split, side in sides.items()
    }


def draw_utterances(random, words, voices):
    """One utterance for each word."""
    return [
        Utterance(
            word.replace("_", " "),
            str(random.choice(voices)),
            str(random.choice(ACCENTS)),
            int(random.integers(*RATES_WPM)),
            int(random.integers(*PITCHES)),
        )
        for word in words
    ]


def _placed(random, utterance, pcm):
    """The word at a random peak and place in one second of digital silence."""
    if len(pcm) > CLIP_SAMPLES:
        raise ValueError(
            f"'{utterance.text}' takes {len(pcm) / CLIP_SAMPLES:.2f} s to say at {utterance.rate_wpm} words a "
            "minute and a clip is one second: choose a shorter word"
        )
    peak = np.abs(pcm.astype(np.int32)).max()
    scaled = np.rint(pcm * (np.exp(random.uniform(*np.log(PEAKS))) / peak)).astype(np.int16)
    start = random.integers(0, CLIP_SAMPLES - len(pcm) + 1)
    return np.pad(scaled, (start, CLIP_SAMPLES - len(pcm) - start))


def speak_clips(random, synthesizer, words, voices):
    """A Spoken for each word."""
    utterances = draw_utterances(random, words, voices)
    return [
        Spoken(word, utterance, _placed(random, utterance, pcm))
        for word, utterance, pcm in zip(words, utterances, synthesizer.speak(utterances), strict=True)
    ]


def load(section, recipe, data):
    """The corpus as Pictures."""
    synthesizer = Espeak()
    voices = voices_of_split(synthesizer, section.validation_voices)
    others = [word for word in section.other_words if word not in recipe.keywords]
    if not others:
        raise ValueError(f"recipe {recipe.name}: corpus speech: every one of other_words is a keyword")
    clips, heard = {}, []
    for split, share in ((TRAINING, 1.0), (VALIDATION, VALIDATION_CLIPS_SHARE)):
        random = np.random.default_rng([recipe.seed, zlib.crc32(split.encode())])
        count = max(1, round(section.clips_per_word * share))
        words = [word for word in recipe.keywords for _ in range(count)]
        words += [others[place % len(others)] for place in range(count * max(len(recipe.keywords), 2))]
        clips[split] = speak_clips(random, synthesizer, words, voices[split])
        heard += some_through_telephone(random, [clip.pcm for clip in clips[split]], section.telephone_probability)
    everything = [(clip, split) for split in clips for clip in clips[split]]
    return Pictures(
        np.stack([picture(recipe.front, pcm) for pcm in progress(heard, "hearing speech")]),
        np.array([clip.word for clip, _ in everything]),
        np.array([clip.utterance.voice for clip, _ in everything]),
        np.array([split for _, split in everything]),
    )
