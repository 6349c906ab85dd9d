/* rows.c for Helium.
 *
 * A code is 256 high + low + 128, where high and low are signed bytes, so that a VMLADAVA multiplies sixteen of either.  What
 * the 128 adds to the sum of a row does not depend on the vector: it is part of the bias. */
#include "rows.h"
#include "target.h"

#ifdef KWS_CORE_HELIUM
#include <arm_mve.h>

/* In a loop with tail predication, which GCC 12 does not write. */
static void split_codes(const int16_t *codes, int columns, int8_t *high, int8_t *low)
{
    const int16x8_t sign_of_low = vdupq_n_s16(0x80);
    __asm__ volatile("wlstp.16  lr, %[columns], 2f\n"
                     "1:\n\t"
                     "vldrh.u16 q0, [%[codes]], #16\n\t"
                     "vshr.s16  q1, q0, #8\n\t"
                     "veor      q0, q0, %q[sign_of_low]\n\t"
                     "vstrb.16  q1, [%[high]], #8\n\t"
                     "vstrb.16  q0, [%[low]], #8\n\t"
                     "letp      lr, 1b\n"
                     "2:"
                     : [codes] "+r"(codes), [high] "+l"(high), [low] "+l"(low)
                     : [columns] "r"(columns), [sign_of_low] "w"(sign_of_low)
                     : "q0", "q1", "lr", "memory");
}

struct kws_vector kws_vector_of(const int16_t *codes, int columns, int shift, int32_t *room)
{
    int8_t *const high = (int8_t *)room;
    split_codes(codes, columns, high, high + columns);
    const struct kws_vector x = {(const int16_t *)room, columns, (int32_t)1 << shift, 0};
    return x;
}

/* The sum of one row. */
static int32_t multiply_row(const int8_t *weight, const struct kws_vector *x)
{
    const int8_t *high = (const int8_t *)x->codes;
    int32_t of_high = 0, of_low = 0;
    for (int left = x->columns; left > 0; left -= 16, weight += 16, high += 16) {
        const mve_pred16_t mask = vctp8q((uint32_t)left);
        const int8x16_t weights = vldrbq_z_s8(weight, mask);
        of_high = vmladavaq_s8(of_high, weights, vldrbq_z_s8(high, mask));
        of_low = vmladavaq_s8(of_low, weights, vldrbq_z_s8(high + x->columns, mask));
    }
    return of_high * 256 + of_low;
}

void kws_multiply_rows(const uint8_t *weights, int rows, const struct kws_vector *x, const int32_t *from, int32_t *sums)
{
    if (rows >= 4)
        kws_multiply_row_blocks(weights, rows >> 2, x, from, sums);
    for (int row = rows & ~3; row < rows; row++)
        sums[row] = from[row] + multiply_row((const int8_t *)weights + row * x->columns, x) * x->unit;
}

#endif
