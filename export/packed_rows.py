"""Rows of weight codes in the order of bytes that the library's kernels read (firmware/library/rows.h)."""

import numpy as np

LARGEST_COLUMN_SUM = 2**31 // 128
"""columns * largest |x| stays below this, so that no partial sum of code + 128 overflows an accumulator."""


def pack_rows(codes):
    """Codes int8 [rows, columns] -> uint8 [bytes]; an odd number of rows gets one of zeros."""
    rows, columns = codes.shape
    lone = codes[rows // 4 * 4 :]
    blocks = [_pack_four(codes[row : row + 4]) for row in range(0, rows - 3, 4)]
    if len(lone) % 2:
        lone = np.concatenate([lone, np.zeros((1, columns), codes.dtype)])
    blocks += [_biased(lone[row : row + 2]).T.ravel() for row in range(0, len(lone), 2)]
    return np.concatenate(blocks)


def _pack_four(four):
    """Two columns at a time: of the first two rows, then of the second two; an odd last column's four at the end."""
    four, even = _biased(four), four.shape[1] // 2 * 2
    pairs = four[:, :even].reshape(2, 2, even // 2, 2)  # which two, row of the two, pair of columns, column of the pair
    return np.concatenate([pairs.transpose(2, 0, 3, 1).ravel(), four[:, even:].ravel()])


def _biased(rows):
    """The first row of each two as code + 128, the second as it is; as bytes."""
    biased = rows.astype(np.int16)
    biased[::2] += 128
    return biased.astype(np.uint8)
