"""Words as people write them in recipes, folder names, tables and commands, and the one form in which they are compared."""

import difflib
import re
import unicodedata
from functools import cache

APOSTROPHES = re.compile("[‘’ʼʹ`´′＇]")
GAPS = re.compile(r"[\s_\-‐-―]+")
MARK = re.compile(r"_\w+_")
"""Folders of the official data sets: _unknown_, _silence_, _background_noise_."""
MOST_TOLD = 40
"""Words that a line names; further ones are counted."""
KEYWORD_LETTERS, KEYWORD_BYTES = 40, 60
"""Most of a keyword: characters, and bytes in UTF-8, of which a board's lines have room for so many."""
ALIKE = 0.84
"""From which ratio of equal letters on (difflib) a word is taken for a keyword that was written wrong."""


def folded(text):
    """Text with one form of each letter: composed, without case, apostrophes straight."""
    return unicodedata.normalize("NFC", APOSTROPHES.sub("'", unicodedata.normalize("NFC", text).casefold()))


@cache
def normal_word(text):
    """The one form of a word: "Hey Jarvis", hey-jarvis and HEY_JARVIS are hey_jarvis; a mark such as _unknown_ stays.

    Composed letters without case, straight apostrophes, one underscore for each run of spaces, hyphens and underscores.
    """
    text = folded(text).strip()
    return text if MARK.fullmatch(text) else GAPS.sub("_", text).strip("_")


def _is_in_word(letter):
    """Whether a character is a letter, a combining mark or a digit of any language, or an apostrophe."""
    return letter == "'" or unicodedata.category(letter)[0] in "LMN"


def keyword_of(text):
    """The normal form of a keyword; ValueError says what a keyword may be."""
    word = normal_word(text)
    odd = [letter for letter in word if letter != "_" and not _is_in_word(letter)]
    if word.startswith("_") or not word.strip("_'"):
        odd = [text]
    if odd or len(word) > KEYWORD_LETTERS or len(word.encode()) > KEYWORD_BYTES:
        wrong = f"has {odd[0]!r}" if odd else f"has {len(word)} characters, {len(word.encode())} bytes in UTF-8"
        raise ValueError(
            f"{text!r} {wrong}: a keyword is a word or a few, of letters and digits of any language, spaces, hyphens and "
            f"apostrophes, at most {KEYWORD_LETTERS} characters and {KEYWORD_BYTES} bytes in UTF-8"
        )
    return word


def words_in_text(text):
    """The words of a sentence, one after another, a word that was broken off among them; quotation marks are no part."""
    spaced = "".join(letter if _is_in_word(letter) else " " for letter in folded(text))
    return [word.strip("'") for word in spaced.split() if word.strip("'")]


def _joined(text):
    return f"_{'_'.join(words_in_text(text))}_"


def says(text, keywords):
    """Whether a sentence holds one of some keywords, which may be of several words."""
    said = _joined(text)
    return any(_joined(keyword) in said for keyword in keywords)


def close_keyword(word, keywords):
    """The keyword that a word may have been meant as, or None."""
    return next(iter(difflib.get_close_matches(word, keywords, 1, ALIKE)), None)


def counted(count, thing):
    """ "1 clip", "2 clips"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def told_apart(counts, keywords, counted_as, thing="clip"):
    """Lines that say which words are no keywords, how often each occurs, and which may be a keyword written wrong.

    counts: {normal word: occurrences}; counted_as: what becomes of such a word.
    """
    others = {word: count for word, count in sorted(counts.items()) if word not in keywords and count}
    if not others:
        return []
    named = ", ".join(f"{word} {count}" for word, count in list(others.items())[:MOST_TOLD])
    more = f" and {len(others) - MOST_TOLD} more words" if len(others) > MOST_TOLD else ""
    lines = [f"not keywords, {counted_as}: {named}{more} ({counted(sum(others.values()), thing)})"]
    for word, count in others.items():
        if meant := close_keyword(word, keywords):
            lines.append(f"{word} ({counted(count, thing)}): {counted_as}; did you mean {meant}?")
    return lines
