"""Words as written in recipes, folder names, tables and commands, and the normal form in which they are compared."""

import difflib
import re
import unicodedata
from functools import cache

APOSTROPHES = re.compile("[‘’ʼʹ`´′＇]")
GAPS = re.compile(r"[\s_\-‐-―]+")
MARK = re.compile(r"_\w+_")
"""Folder names of the official data sets: _unknown_, _silence_, _background_noise_."""
MOST_NAMED = 40
"""Words named in a line; further ones are counted."""
KEYWORD_LETTERS, KEYWORD_BYTES = 40, 60
"""Longest keyword in characters, and in UTF-8 bytes, for which a board's lines have room."""
ALIKE = 0.84
"""Least similarity (difflib's ratio) at which a word counts as a misspelt keyword."""


def folded(text):
    """Text with composed letters, without case, with straight apostrophes."""
    return unicodedata.normalize("NFC", APOSTROPHES.sub("'", unicodedata.normalize("NFC", text).casefold()))


@cache
def normal_word(text):
    """The normal form of a word: hey_jarvis for "Hey Jarvis", hey-jarvis and HEY_JARVIS; a mark such as _unknown_ stays.

    Composed letters without case, straight apostrophes, one underscore for each run of spaces, hyphens and underscores.
    """
    text = folded(text).strip()
    return text if MARK.fullmatch(text) else GAPS.sub("_", text).strip("_")


def _is_in_word(letter):
    """Whether a character is a letter, combining mark or digit of any language, or an apostrophe."""
    return letter == "'" or unicodedata.category(letter)[0] in "LMN"


def keyword_of(text):
    """The normal form of a keyword; ValueError with the rules if it cannot be one."""
    word = normal_word(text)
    odd = [letter for letter in word if letter != "_" and not _is_in_word(letter)]
    if word.startswith("_") or not word.strip("_'"):
        odd = [text]
    if odd or len(word) > KEYWORD_LETTERS or len(word.encode()) > KEYWORD_BYTES:
        wrong = f"contains {odd[0]!r}" if odd else f"has {len(word)} characters, {len(word.encode())} bytes in UTF-8"
        raise ValueError(
            f"{text!r} {wrong}: a keyword is one or several words of letters and digits of any language, spaces, hyphens and "
            f"apostrophes, at most {KEYWORD_LETTERS} characters and {KEYWORD_BYTES} bytes in UTF-8"
        )
    return word


def words_in_text(text):
    """The words of a sentence in order, without quotation marks; a word that was broken off counts as one."""
    spaced = "".join(letter if _is_in_word(letter) else " " for letter in folded(text))
    return [word.strip("'") for word in spaced.split() if word.strip("'")]


def _joined(text):
    return f"_{'_'.join(words_in_text(text))}_"


def contains_keyword(text, keywords):
    """Whether a sentence contains one of the keywords, each of one or several words."""
    sentence = _joined(text)
    return any(_joined(keyword) in sentence for keyword in keywords)


def close_keyword(word, keywords):
    """The keyword that a word may be a misspelling of, or None."""
    return next(iter(difflib.get_close_matches(word, keywords, 1, ALIKE)), None)


def counted(count, thing):
    """A count with its noun: 1 clip, 2 clips."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def describe_other_words(counts, keywords, counted_as, thing="clip"):
    """Lines that name the words that are no keywords, with their counts, and the probable misspellings among them.

    counts: {normal word: occurrences}; counted_as: how such a word is treated; thing: what is counted.
    """
    others = {word: count for word, count in sorted(counts.items()) if word not in keywords and count}
    if not others:
        return []
    named = ", ".join(f"{word} {count}" for word, count in list(others.items())[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED} more words" if len(others) > MOST_NAMED else ""
    lines = [f"not keywords, {counted_as}: {named}{more} ({counted(sum(others.values()), thing)})"]
    for word, count in others.items():
        if meant := close_keyword(word, keywords):
            lines.append(f"{word} ({counted(count, thing)}): {counted_as}; did you mean {meant}?")
    return lines
