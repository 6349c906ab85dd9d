/* Gives blocks of four rows to the core's kernel, and sums the remaining one to three here. */
#include "rows.h"
#include "target.h"

#ifndef KWS_CORE_HELIUM /* rows_helium.c */

#ifdef KWS_CORE_DSP

#include <arm_acle.h>
#include <string.h>

/* Two neighbouring codes. */
typedef int32_t two_codes __attribute__((may_alias));

/* Returns the sum of the codes; *codes are then aligned to four bytes, copied into room if they were not. */
static int32_t sum_codes(const int16_t **codes, int columns, int32_t *room)
{
    if ((uintptr_t)*codes & 2)
        *codes = memcpy(room, *codes, (size_t)columns * sizeof **codes);
    const two_codes *two = (const two_codes *)*codes, *const end = two + (columns >> 2) * 2;
    int32_t sum = 0;
    for (; two != end; two += 2)
        sum = __smlad(two[1], 0x10001, __smlad(two[0], 0x10001, sum));
    const int16_t *code = (const int16_t *)two;
    for (int left = columns & 3; left; left--)
        sum += *code++;
    return sum;
}

#else

static int32_t sum_codes(const int16_t **codes, int columns, int32_t *room)
{
    const int16_t *code = *codes, *const end = code + columns;
    int32_t sum = 0;
    (void)room;
    while (code != end)
        sum += *code++;
    return sum;
}

#endif

struct kws_vector kws_vector_of(const int16_t *codes, int columns, int shift, int32_t *room)
{
    const int32_t sum = sum_codes(&codes, columns, room);
    const struct kws_vector x = {codes, columns, (int32_t)1 << shift, -128 * sum};
    return x;
}

/* The last two rows, which are packed by themselves, or the last one. */
static void multiply_two(const uint8_t *weight, int rows, const struct kws_vector *x, const int32_t *from, int32_t *sums)
{
    const int16_t *code = x->codes, *const end = code + x->columns;
    int32_t a = x->start, b = 0;
    for (; code != end; code++, weight += 2) {
        a += weight[0] * *code;
        b += (int8_t)weight[1] * *code;
    }
    sums[0] = from[0] + a * x->unit;
    if (rows > 1)
        sums[1] = from[1] + b * x->unit;
}

void kws_multiply_rows(const uint8_t *weights, int rows, const struct kws_vector *x, const int32_t *from, int32_t *sums)
{
    if (rows >= 4)
        kws_multiply_row_blocks(weights, rows >> 2, x, from, sums);
    for (int row = rows & ~3; row < rows; row += 2)
        multiply_two(weights + row * x->columns, rows - row, x, from + row, sums + row);
}

#endif
