"""Words spoken by synthesizers, so that training needs no network.

Voice, accent, rate and pitch are drawn from the recipe's seed.  A voice is for training, for validation or for tests, in every
recipe.  Each word is first tried in one voice, so that a word that cannot be spoken is an error at once.
"""

import sys
import unicodedata
import zlib
from dataclasses import dataclass, replace

import numpy as np

from firmware.frontend import LONGEST_WORD_SAMPLES, SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import Clip, Clips, codes_of_pcm
from train.splits import TRAINING, VALIDATION
from train.synthesizers import SYNTHESIZERS
from train.synthesizers.synthesizer import RATES_WPM, SynthesizerError, Utterance

VALIDATION_CLIPS_SHARE = 0.2
SLOWEST_WPM, FASTEST_WPM = RATES_WPM[0], RATES_WPM[1] - 1
PEAKS = (2000, 24000)


@dataclass(frozen=True)
class Spoken:
    """A spoken word, pcm int16 [samples], and its utterance."""

    word: str
    utterance: Utterance
    pcm: np.ndarray


def text_of(word):
    """The text that is spoken for a word of a recipe."""
    return word.replace("_", " ")


def draw_utterances(random, synthesizer, words, voices, language="en", say=None):
    """A random Utterance of each word; say: {word: texts}, of which one is drawn in place of the word."""
    texts = [str(random.choice(say[word])) if say and word in say else text_of(word) for word in words]
    return [synthesizer.draw(random, text, voices, language) for text in texts]


def _is_latin(letter):
    return (
        letter in " '-." or letter.isascii() and letter.isdigit() or unicodedata.name(letter, "").startswith("LATIN ")
    )


def _in_one_voice(synthesizer, text, voices, language, rate_wpm):
    """A text always spoken in the same way but for its rate."""
    return replace(synthesizer.draw(np.random.default_rng(0), text, voices[:1], language), rate_wpm=rate_wpm)


def try_texts(synthesizer, texts, voices, language="en", longest=LONGEST_WORD_SAMPLES):
    """Speak each text in one voice; ValueError names those that take over `longest` samples even at the fastest rate.

    SynthesizerError if one cannot be spoken, or has signs or letters that an English voice would spell by their names.
    """
    texts = sorted(set(texts))
    for text in texts:
        if not any(letter.isalnum() for letter in text):
            raise SynthesizerError(f"'{text}': no voice can speak this; it has neither letters nor digits")
        if language == "en" and not all(map(_is_latin, text)):
            raise SynthesizerError(
                f"'{text}': an English voice cannot speak this; write it as it sounds, in Latin letters"
            )

    def spoken(texts, rate_wpm, what):
        return synthesizer.speak([_in_one_voice(synthesizer, text, voices, language, rate_wpm) for text in texts], what)

    slow = spoken(texts, SLOWEST_WPM, "trying words")
    doubtful = [text for text, pcm in zip(texts, slow, strict=True) if len(pcm) > longest]
    fast = spoken(doubtful, FASTEST_WPM, "trying long words")
    too_long = [(text, len(pcm)) for text, pcm in zip(doubtful, fast, strict=True) if len(pcm) > longest]
    if too_long:
        times = ", ".join(f"'{text}' takes {samples / SAMPLE_RATE_HZ:.2f} s" for text, samples in too_long)
        raise ValueError(
            f"{times} at {FASTEST_WPM} words a minute; a word may take at most {longest / SAMPLE_RATE_HZ} s: "
            "choose a shorter one"
        )


def _speak_short(synthesizer, utterances, voices, language):
    """[(utterance, PCM)] of at most LONGEST_WORD_SAMPLES each.

    Longer ones are spoken again at the fastest rate, then if necessary in the voice of try_texts.
    """
    said = list(zip(utterances, synthesizer.speak(utterances, f"speaking by {synthesizer.name}"), strict=True))
    for how, again in (
        ("faster", lambda utterance: replace(utterance, rate_wpm=FASTEST_WPM)),
        (
            f"by {voices[0]}",
            lambda utterance: _in_one_voice(synthesizer, utterance.text, voices, language, FASTEST_WPM),
        ),
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


def scaled(random, pcm):
    """A word or passage scaled to a random peak, int16."""
    peak = max(1, np.abs(pcm.astype(np.int32)).max())
    return np.rint(pcm * (np.exp(random.uniform(*np.log(PEAKS))) / peak)).astype(np.int16)


def speak_clips(random, synthesizer, words, voices, language="en", say=None):
    """[Spoken], one for each word."""
    said = _speak_short(
        synthesizer, draw_utterances(random, synthesizer, words, voices, language, say), voices, language
    )
    return [Spoken(word, utterance, scaled(random, pcm)) for word, (utterance, pcm) in zip(words, said, strict=True)]


def _others(section, recipe):
    """The other words that are no keywords; ValueError if there are none."""
    others = [word for word in section.other_words if word not in recipe.keywords]
    if not others:
        raise ValueError(f"recipe {recipe.name}: corpus speech: all of other_words are keywords")
    return others


def _texts(section, recipe):
    """All texts that are spoken."""
    words = [*recipe.keywords, *_others(section, recipe)]
    return [text for word in words for text in section.say.get(word, [text_of(word)])]


def check(section, recipe, data):
    """ValueError if the corpus cannot be spoken; the texts are tried by its first synthesizer."""
    try:
        if unknown := section.say.keys() - set(recipe.keywords):
            raise ValueError(f"say: {min(unknown)} is not a keyword")
        for place, name in enumerate(section.clips_per_word):
            synthesizer = SYNTHESIZERS[name]()
            for split in (TRAINING, VALIDATION):
                voices = synthesizer.voices_of(split, section.language)
                if not voices:
                    raise ValueError(synthesizer.without_voices(section.language))
                if place == 0:
                    try_texts(synthesizer, _texts(section, recipe), voices, section.language)
    except ValueError as error:
        raise ValueError(f"recipe {recipe.name}: corpus speech: {error}") from None


def load(section, recipe, data):
    """The corpus as Clips."""
    others, clips = _others(section, recipe), []
    for place, (name, clips_per_word) in enumerate(section.clips_per_word.items()):
        synthesizer = SYNTHESIZERS[name]()
        for split, share in ((TRAINING, 1.0), (VALIDATION, VALIDATION_CLIPS_SHARE)):
            random = np.random.default_rng([recipe.seed, zlib.crc32(split.encode()), place])
            count = max(1, round(clips_per_word * share))
            words = [word for word in recipe.keywords for _ in range(count)]
            words += [others[index % len(others)] for index in range(count * max(len(recipe.keywords), 2))]
            voices = synthesizer.voices_of(split, section.language)
            for spoken in progress(
                speak_clips(random, synthesizer, words, voices, section.language, section.say), "hearing speech"
            ):
                codes = codes_of_pcm(recipe.front, spoken.pcm)
                clips.append(Clip.of_word(codes, spoken.word, spoken.utterance.voice, split, name))
    return Clips.of(clips)
