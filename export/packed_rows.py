"""Rows of weight codes in the byte order of the library's kernels (firmware/library/rows.h)."""

import numpy as np

LARGEST_COLUMN_SUM = 2**31 // 128
"""Bound of columns * largest |x|: below it, 128 sum(|x|) fits an int32 accumulator."""


def pack_rows(codes):
    """int8 codes [rows, columns] as uint8 [bytes]; an odd number of rows is padded with a row of zeros."""
    rows, columns = codes.shape
    lone = codes[rows // 4 * 4 :]
    blocks = [_pack_four(codes[row : row + 4]) for row in range(0, rows - 3, 4)]
    if len(lone) % 2:
        lone = np.concatenate([lone, np.zeros((1, columns), codes.dtype)])
    blocks += [_biased(lone[row : row + 2]).T.ravel() for row in range(0, len(lone), 2)]
    return np.concatenate(blocks)


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
