"""The splits of recordings, speakers, voices, words and pieces of sound."""

import zlib

TRAINING, VALIDATION, TESTING = "training", "validation", "testing"


def is_for_testing(text):
    """Whether a word or sentence is for tests, three in twenty are, by its hash."""
    return zlib.crc32(text.encode()) % 20 < 3


def split_of_place(place):
    """The split of one of many pieces without speakers: every fifth is for validation."""
    return VALIDATION if place % 5 == 4 else TRAINING
