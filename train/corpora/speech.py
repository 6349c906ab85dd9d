"""Words spoken by espeak-ng, so that training needs no network.

Voice, accent, rate and pitch are drawn from the recipe's seed.  Base voices are split three ways: most are for training, some
for validation, and some for tests.  Each word is first tried in one voice, so that a word that cannot be spoken is an error at
once.
"""

import sys
import unicodedata
import zlib
from dataclasses import dataclass, replace

import numpy as np

from firmware.frontend import LONGEST_WORD_SAMPLES, SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import TESTING, TRAINING, VALIDATION, Clip, Clips, codes_of_pcm
from train.corpora.espeak import ACCENTS, Espeak, base_voice
from train.corpora.synthesizer import SynthesizerError, Utterance
from train.corpora.telephone import some_through_telephone

TEST_BASE_VOICES = 10
VALIDATION_CLIPS_SHARE = 0.2
RATES_WPM = (140, 220)
SLOWEST_WPM, FASTEST_WPM = RATES_WPM[0], RATES_WPM[1] - 1
PITCHES = (25, 75)
PEAKS = (2000, 24000)


@dataclass(frozen=True)
class Spoken:
    """A spoken word, pcm int16 [samples], and its utterance."""

    word: str
    utterance: Utterance
    pcm: np.ndarray


def voices_of_split(synthesizer, validation_voices):
    """{split: voices}; a base voice is in one split only, in every recipe.  ValueError if a split would be empty."""
    bases = sorted({base_voice(voice) for voice in synthesizer.voices()})
    order = np.random.default_rng(zlib.crc32(b"base voices")).permutation(len(bases))
    kept = [bases[place] for place in order]
    sides = {
        TESTING: kept[:TEST_BASE_VOICES],
        VALIDATION: kept[TEST_BASE_VOICES : TEST_BASE_VOICES + validation_voices],
        TRAINING: kept[TEST_BASE_VOICES + validation_voices :],
    }
    lacking = [split for split, side in sides.items() if not side]
    if lacking:
        raise ValueError(
            f"validation_voices = {validation_voices}: leaves no voice for {lacking[0]}; {synthesizer.name} has {len(bases)} "
            f"base voices, {TEST_BASE_VOICES} of them for {TESTING}"
        )
    return {
        split: [voice for voice in synthesizer.voices() if base_voice(voice) in side] for split, side in sides.items()
    }


def text_of(word):
    """The text that is spoken for a word of a recipe."""
    return word.replace("_", " ")


def draw_utterances(random, words, voices):
    """A random Utterance of each word."""
    return [
        Utterance(
            text_of(word),
            str(random.choice(voices)),
            str(random.choice(ACCENTS)),
            int(random.integers(*RATES_WPM)),
            int(random.integers(*PITCHES)),
        )
        for word in words
    ]


def _in_one_voice(text, voices, rate_wpm):
    return Utterance(text, voices[0], ACCENTS[0], rate_wpm)


def _is_english(letter):
    return (
        letter in " '-." or letter.isascii() and letter.isdigit() or unicodedata.name(letter, "").startswith("LATIN ")
    )


def try_words(synthesizer, words, voices, longest=LONGEST_WORD_SAMPLES):
    """Speak each word in one voice; ValueError names the words that take over `longest` samples even at the fastest rate.

    SynthesizerError if one cannot be spoken, or has signs or letters that an English voice would spell by their names.
    """
    texts = sorted({text_of(word) for word in words})
    for text in texts:
        strange = [letter for letter in text if not _is_english(letter)]
        if strange or not any(letter.isalnum() for letter in text):
            raise SynthesizerError(
                f"'{text}': an English voice cannot speak this; write it as it sounds, in Latin letters"
            )
    slow = synthesizer.speak([_in_one_voice(text, voices, SLOWEST_WPM) for text in texts], "trying words")
    doubtful = [text for text, pcm in zip(texts, slow, strict=True) if len(pcm) > longest]
    fast = synthesizer.speak([_in_one_voice(text, voices, FASTEST_WPM) for text in doubtful], "trying long words")
    too_long = [(text, len(pcm)) for text, pcm in zip(doubtful, fast, strict=True) if len(pcm) > longest]
    if too_long:
        times = ", ".join(f"'{text}' takes {samples / SAMPLE_RATE_HZ:.2f} s" for text, samples in too_long)
        raise ValueError(
            f"{times} at {FASTEST_WPM} words a minute; a word may take at most {longest / SAMPLE_RATE_HZ} s: "
            "choose a shorter one"
        )


def _speak_short(synthesizer, utterances, voices):
    """[(utterance, PCM)] of at most LONGEST_WORD_SAMPLES each.

    Longer ones are spoken again at the fastest rate, then if necessary in the voice of try_words.
    """
    said = list(zip(utterances, synthesizer.speak(utterances), strict=True))
    for how, again in (
        ("faster", lambda utterance: replace(utterance, rate_wpm=FASTEST_WPM)),
        (f"by {voices[0]}", lambda utterance: _in_one_voice(utterance.text, voices, FASTEST_WPM)),
    ):
        too_long = [place for place, (_, pcm) in enumerate(said) if len(pcm) > LONGEST_WORD_SAMPLES]
        if too_long:
            print(
                f"{len(too_long)} of {len(said)} clips were longer than {LONGEST_WORD_SAMPLES / SAMPLE_RATE_HZ} s: spoken "
                f"again {how}",
                file=sys.stderr,
            )
        other = [again(said[place][0]) for place in too_long]
        for place, *spoken in zip(too_long, other, synthesizer.speak(other), strict=True):
            said[place] = spoken
    return said


def _scaled(random, pcm):
    """A word scaled to a random peak."""
    peak = max(1, np.abs(pcm.astype(np.int32)).max())
    return np.rint(pcm * (np.exp(random.uniform(*np.log(PEAKS))) / peak)).astype(np.int16)


def speak_clips(random, synthesizer, words, voices):
    """[Spoken], one for each word."""
    try_words(synthesizer, words, voices)
    said = _speak_short(synthesizer, draw_utterances(random, words, voices), voices)
    return [Spoken(word, utterance, _scaled(random, pcm)) for word, (utterance, pcm) in zip(words, said, strict=True)]


def _others(section, recipe):
    """The other words that are no keywords; ValueError if there are none."""
    others = [word for word in section.other_words if word not in recipe.keywords]
    if not others:
        raise ValueError(f"recipe {recipe.name}: corpus speech: all of other_words are keywords")
    return others


def check(section, recipe, data):
    """ValueError if the corpus cannot be spoken."""
    synthesizer, words = Espeak(), [*recipe.keywords, *_others(section, recipe)]
    try:
        voices = voices_of_split(synthesizer, section.validation_voices)
        for split in (TRAINING, VALIDATION):
            try_words(synthesizer, words, voices[split])
    except ValueError as error:
        raise ValueError(f"recipe {recipe.name}: corpus speech: {error}") from None


def load(section, recipe, data):
    """The corpus as Clips."""
    synthesizer, others = Espeak(), _others(section, recipe)
    voices = voices_of_split(synthesizer, section.validation_voices)
    clips = []
    for split, share in ((TRAINING, 1.0), (VALIDATION, VALIDATION_CLIPS_SHARE)):
        random = np.random.default_rng([recipe.seed, zlib.crc32(split.encode())])
        count = max(1, round(section.clips_per_word * share))
        words = [word for word in recipe.keywords for _ in range(count)]
        words += [others[place % len(others)] for place in range(count * max(len(recipe.keywords), 2))]
        said = speak_clips(random, synthesizer, words, voices[split])
        heard = some_through_telephone(random, [spoken.pcm for spoken in said], section.telephone_probability)
        for spoken, pcm in zip(progress(said, "hearing speech"), heard, strict=True):
            codes = codes_of_pcm(recipe.front, pcm)
            clips.append(Clip.of_word(codes, spoken.word, spoken.utterance.voice, split))
    return Clips.of(clips)
