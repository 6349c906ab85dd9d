"""Sentences of a text file, one a line, in any language, for synthesizers to speak."""

from firmware.files import read_ordinary
from firmware.words import contains_keyword, counted
from train.splits import TESTING, is_for_testing

FEWEST = 20
"""Fewest sentences of a split."""
LONGEST = 300
"""Letters of the longest sentence."""


class Lines:
    """Draws sentences of a file for a split, without the keywords.  Three lines in twenty are for tests alone."""

    def __init__(self, path, keywords, split):
        try:
            lines = read_ordinary(path).decode().splitlines()
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror}; give a text file with a sentence in each line") from None
        except UnicodeDecodeError:
            raise ValueError(f"{path}: not UTF-8 text; give a text file with a sentence in each line") from None
        sayable = [line.strip() for line in lines if any(map(str.isalpha, line)) and len(line) <= LONGEST]
        self.sentences = [
            line
            for line in dict.fromkeys(sayable)
            if not contains_keyword(line, keywords) and is_for_testing(line) == (split == TESTING)
        ]
        if len(self.sentences) < FEWEST:
            raise ValueError(
                f"{path}: {counted(len(self.sentences), 'sentence')} of at most {LONGEST} letters without a keyword for {split}; "
                f"{FEWEST} are needed, about {FEWEST * 7} in all"
            )

    def sentence(self, random):
        return str(random.choice(self.sentences))
