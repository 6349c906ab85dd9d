"""Wake phrases: those that a command names, what is said against them, and words that sound nearly like them."""

from dataclasses import dataclass

import numpy as np

from firmware.words import counted, keyword_of, normal_word
from train.corpora.speech import text_of
from train.recipe import SILENCE, UNKNOWN
from train.wake.lexicon import SAME, distance, syllables

MOST_PHRASES = 10
SECONDS_A_PHONEME = 0.085
FEWEST_PHONEMES = 6
"""With fewer, a phrase occurs in other words and phrases."""
FEWEST_SYLLABLES = 3
CLOSE = 1.5
"""A common word within this distance is named as close."""
NEAR_MISSES, COMMON_WORDS = 24, 36
NEAREST_OF_A_WORD = 8
LEAST_SHARE = 0.2
"""A near miss differs from the phrase by more than this share of its phonemes."""
LONGER_BY = 2


def phrases_of(text):
    """The keywords in WORD="hey jerboa, good night"; ValueError if there are none, or if one cannot be a keyword."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ValueError(
            f'WORD="{text}": an empty phrase; give phrases separated by commas, WORD="hey jerboa, good night"'
        )
    found = [keyword_of(part) for part in parts]
    for phrase in found:
        if phrase in (UNKNOWN, SILENCE):
            raise ValueError(f"'{phrase}' cannot be a keyword: {UNKNOWN} and {SILENCE} are labels of every model")
    if len(set(found)) < len(found):
        raise ValueError(f'WORD="{text}": a phrase is named twice')
    if len(found) > MOST_PHRASES:
        raise ValueError(f'WORD="{text}": {len(found)} phrases; a model has room for {MOST_PHRASES}')
    return found


@dataclass(frozen=True)
class Checked:
    """What is known of a phrase before it is trained."""

    phrase: str
    phonemes: str
    close: tuple  # common words that sound alike
    proposals: tuple  # phrases that are told more easily

    def lines(self):
        text = text_of(self.phrase)
        seconds = len(self.phonemes) * SECONDS_A_PHONEME
        yield f"'{text}': {' '.join(self.phonemes)}; {counted(syllables(self.phonemes), 'syllable')}, about {seconds:.1f} s"
        if len(self.phonemes) < FEWEST_PHONEMES or syllables(self.phonemes) < FEWEST_SYLLABLES:
            yield f"'{text}' is short: expect false accepts; longer phrases are safer"
        if self.close:
            yield f"'{text}' sounds like {', '.join(self.close)}, which people say often"
        if self.proposals:
            yield f"safer: {', '.join(map(repr, self.proposals))}"


def check_phrase(lexicon, phrase):
    """The Checked phrase."""
    phonemes = lexicon.phonemes(text_of(phrase))
    short = len(phonemes) < FEWEST_PHONEMES or syllables(phonemes) < FEWEST_SYLLABLES
    within = CLOSE if len(phonemes) >= FEWEST_PHONEMES else SAME + 0.5
    close = tuple(word for _, word in lexicon.nearest(phonemes, within, lexicon.common) if word != phrase)[:5]
    leads = ("hey", "okay", "hello") if short or close else ()
    proposals = tuple(f"{lead} {text_of(phrase)}" for lead in leads if not phrase.startswith(f"{lead}_"))[:2]
    return Checked(phrase, phonemes, close, proposals)


def _parts(words):
    """The words of a phrase alone, and its beginnings and ends."""
    if len(words) > 1:
        yield from words
    for length in range(2, len(words)):
        yield " ".join(words[:length])
        yield " ".join(words[-length:])


def _neighbours(lexicon, word):
    """Words that sound nearly like a word: not the same, and no full rhyme."""
    phonemes = lexicon.phonemes(word)
    near = lexicon.nearest(phonemes, 0.5 * len(phonemes) + 0.5)
    return [other for far, other in near if far > SAME and lexicon.words[other][1:] != phonemes[1:]][:NEAREST_OF_A_WORD]


def _sharing(lexicon, phonemes, random):
    """Words, not much longer, that begin or end as the phrase does, in a random order."""
    begin, end, longest = phonemes[:3], phonemes[-3:], len(phonemes) + LONGER_BY
    sharing = [
        word
        for word, said in lexicon.words.items()
        if len(said) <= longest and (said.startswith(begin) or said.endswith(end))
    ]
    return [sharing[place] for place in random.permutation(len(sharing))]


def near_misses(lexicon, phrase):
    """At most NEAR_MISSES texts that are nearly the phrase, but none that is the same in noise."""
    random, words = np.random.default_rng(0), text_of(phrase).split()
    whole = lexicon.phonemes(text_of(phrase))
    neighbours = [_neighbours(lexicon, word) for word in words]
    changed = [
        " ".join([*words[:place], other, *words[place + 1 :]])
        for turn in range(NEAREST_OF_A_WORD)
        for place, others in enumerate(neighbours)
        for other in others[turn : turn + 1]
    ]
    candidates = dict.fromkeys([*_parts(words), *changed, *_sharing(lexicon, whole, random)[:NEAR_MISSES]])
    least = max(SAME, LEAST_SHARE * len(whole))
    apart = [text for text in candidates if distance(whole, lexicon.phonemes(text)) > least]
    return apart[:NEAR_MISSES]


def other_words(lexicon, phrases):
    """The other words of a recipe for some phrases: near misses of each, and common words."""
    random = np.random.default_rng(0)
    near = [text for phrase in phrases for text in near_misses(lexicon, phrase)]
    common = [lexicon.common[place] for place in random.permutation(len(lexicon.common))]
    sounds = [lexicon.phonemes(text_of(phrase)) for phrase in phrases]
    common = [
        word
        for word in common
        if len(word) > 2 and min(distance(sound, lexicon.words[word]) for sound in sounds) > SAME
    ]
    found = dict.fromkeys(normal_word(text) for text in [*near, *common[:COMMON_WORDS]])
    return [word for word in found if word not in phrases]
