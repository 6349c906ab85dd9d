/* Rows of int8 weights times a vector of int16 codes: most of what a hop costs.
 *
 * Rows are packed by fours, so that one load of the vector serves four rows, and in such an order that every core's
 * instructions can use them as they lie.  Rows a b c d, byte by byte, two columns at a time:
 *
 *     a0 b0 a1 b1  c0 d0 c1 d1    a2 b2 a3 b3  c2 d2 c3 d3    ...    and of an odd last column    a b c d
 *
 * What is left after the last four is packed by twos: a0 b0 a1 b1 a2 b2 ..., b being zeros if there is no such row.
 * The first row of two, a and c, is stored as code + 128, unsigned, and what that adds is taken off by -128 sum(x);
 * the second, b and d, as it is:
 *     DSP     a half-word a + 256 b times x, in 64 bits, less a x leaves 256 b x: three instructions for four products
 *     M0      loads unsigned bytes at a constant offset, signed ones at an offset in a register, of which it has few
 *     Helium  VLD2 parts the words of two and two rows */
#ifndef KWS_ROWS_H
#define KWS_ROWS_H

#include <stdint.h>

/* The kernels in assembly know where these four words are. */
struct kws_vector {
    const int16_t *codes;
    int32_t columns;
    int32_t unit;  /* a product's unit is so many of the accumulator's, a power of two */
    int32_t start; /* -128 sum(codes) */
};

/* sums[row] = from[row] + unit * (sum of weights[row] x) for every row; from may be sums.  The export asserts that no
 * accumulator overflows, in any order of summation, whatever x is. */
void kws_multiply_rows(const uint8_t *weights, int rows, const struct kws_vector *x, const int32_t *from, int32_t *sums);

/* The same for one block of four rows or more: the kernel.  Each kind of core has its own, row_blocks*.c or .S. */
void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
                             int32_t *sums);

/* Codes as rows are multiplied with them.  room: a word for two of them, for a kernel that wants them at a multiple
 * of four. */
struct kws_vector kws_vector_of(const int16_t *codes, int columns, int shift, int32_t *room);

#endif
