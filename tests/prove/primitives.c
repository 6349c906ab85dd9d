/* The primitives, for every argument that their contracts allow. */
#include "frontend.h"
#include "gates.h"
#include "primitives.h"

#include "any.h"

/* Between two knots of the table at a time: over more of it intervals would mix knots that are not neighbours. */
static void logistic(void)
{
    for (int knot = -64; knot < 64; knot++)
        kws_sigmoid(Frama_C_interval(512 * knot, 512 * knot + 511));
}

static void products(void)
{
    kws_multiply_q15(Frama_C_interval(0, INT16_MAX), Frama_C_interval(-UINT16_MAX, UINT16_MAX));
    kws_multiply_half(Frama_C_interval(INT32_MIN, INT32_MAX), Frama_C_interval(INT32_MIN, INT32_MAX));
}

static void rounding(void)
{
    for (int shift = 1; shift <= 30; shift++)
        kws_shift_right_rounded(Frama_C_interval(INT32_MIN, INT32_MAX - (1 << (shift - 1))), shift);
    kws_saturate16(Frama_C_interval(INT32_MIN, INT32_MAX));
}

/* kws_mel_features passes an energy of 48 bits. */
static void levels(void)
{
    kws_log2(Frama_C_unsigned_long_long_interval(1, UINT64_MAX));
    kws_log_code(Frama_C_unsigned_long_long_interval(0, (1ull << 48) - 1));
}

int main(void)
{
    logistic();
    products();
    rounding();
    levels();
    /*@ assert end: \true; */
    return 0;
}
