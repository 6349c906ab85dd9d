/* Four packed rows times a vector, for cores that have no kernel of their own, and for the host. */
#include "target.h"
#include "rows.h"

#if !defined(KWS_CORE_BASELINE) && !defined(KWS_CORE_MAINLINE)

/* a and c stay within 2^31: the export keeps the number of columns times their largest code below 2^24, and each adds at most 128
 * times its code to the part still to be subtracted. */
struct products {
    int32_t a, b, c, d;
};

/* One product after the other, as a multiply-accumulate does it. */
static inline struct products multiply_column(struct products sum, const uint8_t *ab, const uint8_t *cd, int32_t x)
{
    sum.a += ab[0] * x;
    sum.b += (int8_t)ab[1] * x;
    sum.c += cd[0] * x;
    sum.d += (int8_t)cd[1] * x;
    return sum;
}

static inline struct products multiply_four(const uint8_t *weight, const struct kws_vector *x)
{
    const int16_t *code = x->codes;
    struct products sum = {x->start, 0, x->start, 0};
    for (const int16_t *const end = code + (x->columns & ~1); code != end; code += 2, weight += 8) {
        sum = multiply_column(sum, weight, weight + 4, code[0]);
        sum = multiply_column(sum, weight + 2, weight + 6, code[1]);
    }
    return x->columns & 1 ? multiply_column(sum, weight, weight + 2, *code) : sum;
}

void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
                             int32_t *sums)
{
    for (const int32_t *const end = from + 4 * blocks; from != end; weights += 4 * x->columns, from += 4, sums += 4) {
        const struct products sum = multiply_four(weights, x);
        sums[0] = from[0] + sum.a * x->unit;
        sums[1] = from[1] + sum.b * x->unit;
        sums[2] = from[2] + sum.c * x->unit;
        sums[3] = from[3] + sum.d * x->unit;
    }
}

#endif
