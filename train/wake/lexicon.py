"""A pronouncing lexicon: how a phrase sounds, and which words sound alike.

The lexicon is that of hibari-tts (misaki's, by hexgrad, Apache-2.0): a letter for each phoneme of American English.
"""

import gzip
import importlib
import json
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from train.corpora.grammar import read_vocabulary
from train.synthesizers.kokoro import PRONUNCIATION, Kokoro

WORDS = "lexicon_us_gold.json.gz"
MARKS = "ˈˌː "
"""Stress, length and spaces, which are no phonemes."""
VOWELS = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵊᵻɐ"
VOICED = {"b": "p", "d": "t", "ɡ": "k", "v": "f", "z": "s", "ð": "θ", "ʒ": "ʃ", "ʤ": "ʧ", "ɾ": "t", "T": "t"}
"""Consonants and their voiceless partners."""
NEAR = 0.5
"""The distance between two vowels, or between voiced and voiceless; that between other phonemes is 1."""
SAME = 0.5
"""Words within this distance sound the same to a detector."""


def phonemes_of(pronunciation):
    """The phonemes of a pronunciation with marks, as text."""
    return "".join(letter for letter in pronunciation if letter not in MARKS)


def syllables(phonemes):
    return sum(letter in VOWELS for letter in phonemes)


def cost(one, other):
    """The distance between two phonemes."""
    if one == other:
        return 0.0
    if one in VOWELS and other in VOWELS:
        return NEAR
    return NEAR if VOICED.get(one, one) == VOICED.get(other, other) else 1.0


def distances(phonemes, others):
    """The edit distance of a text of phonemes from each of some others, float [others]."""
    longest = max(map(len, others))
    lengths = np.array([len(other) for other in others])
    letters = np.array([list(other.ljust(longest, "_")) for other in others])
    kinds = sorted(set(letters.ravel()) | set(phonemes))
    codes = np.searchsorted(kinds, letters)
    row = np.broadcast_to(np.arange(longest + 1.0), (len(others), longest + 1)).copy()
    for letter in phonemes:
        costs = np.array([cost(letter, kind) for kind in kinds])[codes]
        following = np.empty_like(row)
        following[:, 0] = row[:, 0] + 1
        for place in range(longest):
            following[:, place + 1] = np.minimum(
                np.minimum(row[:, place + 1], following[:, place]) + 1, row[:, place] + costs[:, place]
            )
        row = following
    return row[np.arange(len(others)), lengths]


def distance(one, other):
    return float(distances(one, [other])[0])


class Lexicon:
    """English words and their phonemes."""

    @staticmethod
    def lacking():
        """What is missing, as text; nothing if the lexicon is installed."""
        return "" if find_spec(PRONUNCIATION) else "no pronouncing lexicon; `make setup WITH=voices` installs one"

    @cached_property
    def _folder(self):
        return Path(importlib.import_module(PRONUNCIATION).__file__).parent / "assets"

    @cached_property
    def _kokoro(self):
        return Kokoro()

    def phonemes(self, text):
        """The phonemes of a text, of words that no lexicon has too."""
        return phonemes_of(self._kokoro.phonemes(text))

    @cached_property
    def words(self):
        """{word: phonemes} of all plain words in lower case."""
        entries = json.loads(gzip.decompress((self._folder / WORDS).read_bytes()))
        found = {}
        for word, said in entries.items():
            said = said if isinstance(said, str) else said.get("DEFAULT")
            if said and word.isascii() and word.isalpha() and word.islower() and len(word) > 1:
                found[word] = phonemes_of(said)
        return found

    @cached_property
    def common(self):
        """The common words among them: those of the vocabulary of sentences."""
        words = {word.lower() for words in read_vocabulary().values() for word in words}
        return sorted(words & self.words.keys())

    def nearest(self, phonemes, within=2.0, among=None):
        """[(distance, word)] of the words within a distance of phonemes, the nearest first; among: only these words."""
        words = [
            word
            for word in (self.words if among is None else among)
            if abs(len(self.words[word]) - len(phonemes)) <= within
        ]
        if not words:
            return []
        found = zip(distances(phonemes, [self.words[word] for word in words]).tolist(), words, strict=True)
        return sorted((far, word) for far, word in found if far <= within)
