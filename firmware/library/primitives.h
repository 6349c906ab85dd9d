/* Integer primitives.  Each states widths, rounding and why nothing overflows.
 *
 * Comments that begin with an @ are contracts in ACSL, here and elsewhere: `make prove` proves them.
 *
 * A signed value is shifted right arithmetically (rounds towards minus infinity), as every
 * compiler for the supported cores does; the assertion below fails on one that does not. */
#ifndef KWS_PRIMITIVES_H
#define KWS_PRIMITIVES_H

#include <stdint.h>

#include "target.h"

/* For kernels whose constant arguments choose instructions. */
#define KWS_INLINE static inline __attribute__((always_inline))

/* For code that runs once: its size matters, its time does not. */
#define KWS_COLD __attribute__((cold))

typedef char kws_right_shift_is_arithmetic[(-3 >> 1) == -2 ? 1 : -1];
typedef char kws_int_has_32_bits[sizeof(int) == 4 ? 1 : -1]; /* as int16 products and the bounds of sums assume */
#ifdef __BYTE_ORDER__
typedef char kws_low_byte_comes_first[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : -1]; /* the model's hashes, rows.h */
#endif

/* Half of value * factor: floor(value * f / 2^18), where f is the factor in Q0.17 and the value is below 2^28.  The factor
 * is stored scaled, so that a long multiply has the result in its high word.  A core without a long multiply splits the
 * value at its 14th bit: |value >> 14| * f < 2^31 and (value & 0x3fff) * f < 2^31. */
static inline int32_t kws_multiply_half(int32_t value, int32_t factor)
{
#if defined(KWS_CORE_BASELINE)
    return ((value >> 14) * factor + (((value & 0x3fff) * factor) >> 14)) >> 4;
#elif defined(KWS_CORE_DSP)
    int32_t product;
    __asm__("smmul %0, %1, %2" : "=r"(product) : "r"(value), "r"(factor));
    return product;
#else
    return (int32_t)(((int64_t)value * factor) >> 32);
#endif
}

/* sum + kws_multiply_half(value, factor). */
static inline int32_t kws_multiply_half_add(int32_t sum, int32_t value, int32_t factor)
{
#ifdef KWS_CORE_DSP
    int32_t result;
    __asm__("smmla %0, %1, %2, %3" : "=r"(result) : "r"(value), "r"(factor), "r"(sum));
    return result;
#else
    return sum + kws_multiply_half(value, factor);
#endif
}

/* Leading zeros of a value that is not 0. */
static inline uint32_t kws_leading_zeros(uint32_t value)
{
#ifdef KWS_CORE_MAINLINE
    return (uint32_t)__builtin_clz(value);
#else
    uint32_t zeros = 0;
    if (!(value >> 16))
        zeros += 16, value <<= 16;
    if (!(value >> 24))
        zeros += 8, value <<= 8;
    if (!(value >> 28))
        zeros += 4, value <<= 4;
    if (!(value >> 30))
        zeros += 2, value <<= 2;
    return zeros + !(value >> 31);
#endif
}

#endif
