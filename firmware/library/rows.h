/* Rows of int8 weights times a vector of int16 codes: most of what a hop costs.
 *
 * Rows are packed by fours, so that one load of the vector serves four rows, in an order that the instructions of every core
 * can use directly.  Rows a b c d, byte by byte, two columns at a time:
 *
 *     a0 b0 a1 b1  c0 d0 c1 d1    a2 b2 a3 b3  c2 d2 c3 d3    ...    and an odd last column    a b c d
 *
 * The rows after the last four are packed by twos: a0 b0 a1 b1 a2 b2 ..., with zeros for b if there is no such row.
 * The first row of each two (a and c) is stored as code + 128, unsigned; -128 sum(x) removes the excess.  The second
 * (b and d) is stored unchanged.  The reasons:
 *     DSP     (a + 256 b) x, a half-word times x in 64 bits, minus a x is 256 b x: three instructions for four products
 *     M0      loads unsigned bytes at a constant offset, signed ones at an offset in a register; it has few registers
 * On cores with Helium rows follow one another as they are, int8 (rows_helium.c). */
#ifndef KWS_ROWS_H
#define KWS_ROWS_H

#include <stdint.h>

/* The assembly kernels rely on the places of these four words. */
struct kws_vector {
    const int16_t *codes; /* on Helium their high bytes, then their low ones */
    int32_t columns;
    int32_t unit;  /* accumulator units in one unit of a product, a power of two */
    int32_t start; /* -128 sum(codes); not on Helium */
};

/* sums[row] = from[row] + unit * (sum of weights[row] x) for every row; from may be sums.  The export asserts that no
 * accumulator overflows, in any order of summation, whatever x is. */
void kws_multiply_rows(const uint8_t *weights, int rows, const struct kws_vector *x, const int32_t *from, int32_t *sums);

/* The same for one block of four rows or more: the kernel.  Each kind of core has its own, row_blocks*.c or .S. */
void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
                             int32_t *sums);

/* Codes in the form that the row kernels take.  room: one word for every two codes, for a kernel that needs them aligned to
 * four bytes. */
struct kws_vector kws_vector_of(const int16_t *codes, int columns, int shift, int32_t *room);

#endif
