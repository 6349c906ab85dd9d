/* Levels: code = round(gain * log2(1 + E / floor)) - 128, saturated at 127. */
#include "frontend.h"
#include "primitives.h"

/* 2^16 * (log2(value) - 63) of a positive value, by linear interpolation. */
/*@ requires value > 0;
  @ assigns \nothing;
  @ ensures -(63 << 16) <= \result <= 1 << 16; */
static inline int32_t log2_below(uint64_t value)
{
    const uint32_t high = (uint32_t)(value >> 32);
    uint32_t zeros, mantissa; /* value = mantissa / 2^31 * 2^(63 - zeros), the mantissa's top bit set */
    if (high) {
        zeros = kws_leading_zeros(high);
        mantissa = high << zeros | (uint32_t)value >> 1 >> (31 - zeros);
    } else {
        zeros = kws_leading_zeros((uint32_t)value);
        mantissa = (uint32_t)value << zeros;
        zeros += 32;
    }
    const uint32_t *knot = &kws_log2_table[mantissa >> 26 & 31];
    const uint32_t fraction = mantissa >> 10 & 0xffff;
#ifdef KWS_CORE_MAINLINE
    uint32_t first, second;
    __asm__("ldrd %0, %1, [%2]" : "=r"(first), "=r"(second) : "r"(knot), "m"(kws_log2_table));
#else
    const uint32_t first = knot[0], second = knot[1];
#endif
    return (int32_t)(first + (((second - first) * fraction) >> 16)) - (int32_t)(zeros << 16);
}

/* log2 of a positive value, UQ6.11: low by at most 0.0007. */
/*@ requires value > 0;
  @ assigns \nothing;
  @ ensures \result < 65 << 11; */
uint32_t kws_log2(uint64_t value)
{
    return (uint32_t)(log2_below(value) + (63 << 16)) >> 5;
}

/* floor(value / 2^23), at most 127; the value is 2^30 below one of UQ.23, so the result is -128 or more. */
static inline int32_t code_of(int32_t value)
{
#ifdef KWS_CORE_MAINLINE
    int32_t code;
    __asm__("ssat %0, #8, %1, asr #23" : "=r"(code) : "r"(value));
    return code;
#else
    return value >> 23 < 127 ? value >> 23 : 127;
#endif
}

/* What is the same for every energy: from 2^-63 to the floor, the rounding half, the code of level 0. */
#define LEVEL_ZERO (((63u << 11) - KWS_ENERGY_FLOOR_LOG2) * KWS_LOG_GAIN + (1u << 22) - (128u << 23))

/*@ requires energy < 1 << 48;
  @ assigns \nothing; */
int32_t kws_log_code(uint64_t energy)
{
    /* Modulo 2^32: the level is UQ.23 below 2^31.1, so 2^30 less fits an int32. */
    const uint32_t level = (uint32_t)(log2_below(energy + KWS_ENERGY_FLOOR) >> 5) * KWS_LOG_GAIN;
    return code_of((int32_t)(level + LEVEL_ZERO));
}
