"""Rows of weight codes in the byte order of the library's kernels (firmware/library/rows.h)."""

import numpy as np

LARGEST_COLUMN_SUM = 2**31 // 128
"""Bound of columns * largest |x|: below it, 128 sum(|x|) fits an int32 accumulator."""


HELIUM_LOW_BIAS = 128
"""On a core with Helium the kernel's sum lacks this for each unit of weight (firmware/library/rows_helium.c)."""


def pack_rows(codes):
    """int8 codes [rows, columns] as uint8 [bytes]; an odd number of rows is padded with a row of zeros."""
    even, fours = _even(codes), len(codes) // 4 * 4
    blocks = [_pack_four(even[row : row + 4]) for row in range(0, fours, 4)]
    blocks += [_biased(even[row : row + 2]).T.ravel() for row in range(fours, len(even), 2)]
    return np.concatenate(blocks)


def plain_rows(codes):
    """The same bytes for cores with Helium: row after row."""
    return _even(codes).ravel().view(np.uint8)


def _even(codes):
    """Codes with a row of zeros after them if their rows are odd."""
    return np.pad(codes, [(0, len(codes) % 2), (0, 0)])


def _pack_four(four):
    """Four rows, two columns at a time: rows 0 and 1, then rows 2 and 3; an odd last column comes last."""
    four, even = _biased(four), four.shape[1] // 2 * 2
    pairs = four[:, :even].reshape(2, 2, even // 2, 2)  # pair of rows, row in it, pair of columns, column in it
    return np.concatenate([pairs.transpose(2, 0, 3, 1).ravel(), four[:, even:].ravel()])


def _biased(rows):
    """Bytes of rows: every even row as code + 128, every odd row unchanged."""
    biased = rows.astype(np.int16)
    biased[::2] += 128
    return biased.astype(np.uint8)
