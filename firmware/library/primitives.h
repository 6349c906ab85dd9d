/* Integer primitives.  Each states widths, rounding and why nothing overflows.
 *
 * A signed value is shifted right arithmetically (rounds towards minus infinity), as every
 * compiler for the supported cores does; the assertion below fails on one that does not. */
#ifndef KWS_PRIMITIVES_H
#define KWS_PRIMITIVES_H

#include <stdint.h>

typedef char kws_right_shift_is_arithmetic[(-3 >> 1) == -2 ? 1 : -1];

/* floor(value * factor / 2^32): a value below 2^28 times a factor in Q0.31 whose low 14 bits are zero, giving
 * half the product.  A core without a long multiply splits the value at its 14th bit; with f = factor / 2^14:
 * floor(value * f / 2^18), |value >> 14| * f < 2^31 and (value & 0x3fff) * f < 2^31. */
static inline int32_t kws_multiply_half(int32_t value, int32_t factor)
{
#if defined(__ARM_ARCH_6M__)
    const int32_t f = factor >> 14;
    return ((value >> 14) * f + (((value & 0x3fff) * f) >> 14)) >> 4;
#else
    return (int32_t)(((int64_t)value * factor) >> 32);
#endif
}

/* Leading zeros of a value that is not 0. */
static inline uint32_t kws_leading_zeros(uint32_t value)
{
#ifdef __ARM_FEATURE_CLZ
    return (uint32_t)__builtin_clz(value);
#else
    uint32_t zeros = 0;
    for (uint32_t step = 16; step; step >>= 1) {
        if (!(value >> (32 - step))) {
            zeros += step;
            value <<= step;
        }
    }
    return zeros;
#endif
}

#endif
