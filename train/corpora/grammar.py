"""Random sentences of common English words for synthesizers to speak: grammatical, but without meaning.

vocabulary.txt has the words by part of speech.  Three in twenty content words occur in test sentences alone.  Keywords and words
that sound the same never occur.
"""

from pathlib import Path

from firmware.words import contains_keyword
from train.splits import TESTING, is_for_testing

VOCABULARY = Path(__file__).with_name("vocabulary.txt")
CONTENT = ("noun", "verb", "past", "adjective", "adverb")
SOUNDS_LIKE = {
    "no": {"know"},
    "right": {"write", "rite", "wright"},
    "two": {"to", "too"},
    "four": {"for", "fore"},
    "eight": {"ate"},
    "one": {"won"},
    "bed": {"bread"},
    "tree": {"three"},
}
"""{keyword: words that sound the same}."""

CLAUSES = (
    "who past what",
    "who past preposition what",
    "who modal verb what",
    "who past what preposition what",
    "what past adverb",
    "adverb who past what",
    "who modal verb preposition what adverb",
)
WHO = ("pronoun", "name", "determiner noun", "determiner adjective noun")
WHAT = ("determiner noun", "determiner adjective noun", "determiner noun preposition determiner noun")


def unsayable(keywords):
    """The keywords and the words that sound like one."""
    return set(keywords).union(*(SOUNDS_LIKE.get(keyword, ()) for keyword in keywords))


def read_vocabulary():
    """{part of speech: words}."""
    vocabulary = {}
    for line in VOCABULARY.read_text().splitlines():
        if not line.startswith("#"):
            part, words = line.split(":")
            vocabulary.setdefault(part, []).extend(words.split())
    return vocabulary


class Grammar:
    """Draws sentences for a split, without the keywords."""

    def __init__(self, keywords, split):
        self.keywords, refused = keywords, unsayable(keywords)
        self.words = {
            part: [
                word
                for word in words
                if word.lower() not in refused and (split == TESTING or part not in CONTENT or not is_for_testing(word))
            ]
            for part, words in read_vocabulary().items()
        }
        lacking = [part for part, words in self.words.items() if not words]
        if lacking:
            raise ValueError(f"keywords: they leave no {lacking[0]} in the vocabulary of sentences")

    def _expanded(self, random, pattern):
        parts = []
        for part in pattern.split():
            forms = {"who": WHO, "what": WHAT}.get(part)
            parts.append(self._expanded(random, random.choice(forms)) if forms else random.choice(self.words[part]))
        return " ".join(parts)

    def sentence(self, random):
        """A sentence of one or two clauses; one that contains a keyword of several words is drawn again."""
        while contains_keyword(text := self._sentence(random), self.keywords):
            pass
        return text

    def _sentence(self, random):
        clauses = [self._expanded(random, random.choice(CLAUSES)) for _ in range(1 + (random.random() < 0.5))]
        text = f" {random.choice(self.words['conjunction'])} ".join(clauses)
        return text[0].upper() + text[1:] + "."
