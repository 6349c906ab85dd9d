/* Levels: code = round(gain * log2(1 + E / floor)) - 128, saturated at 127. */
#include "frontend.h"
#include "primitives.h"

/* 2^16 * (log2(value) - 63) of a positive value, by linear interpolation. */
/*@ requires value > 0;
  @ assigns \nothing;
  @ ensures -(63 << 16) <= \result < 2 << 16; */
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
    const uint16_t *const knot = &kws_log2_table[mantissa >> 26 & 31];
    const uint32_t fraction = mantissa >> 10 & 0xffff;
#ifdef __ARM_FEATURE_UNALIGNED
    uint32_t both; /* in one load, aligned or not */
    __builtin_memcpy(&both, knot, sizeof both);
    const uint32_t first = both & 0xffff, rise = ((both >> 16) - both) & 0xffff;
#else
    const uint32_t first = knot[0], rise = (knot[1] - first) & 0xffff;
#endif
    return (int32_t)(first + ((rise * fraction) >> 16)) - (int32_t)(zeros << 16);
}

/* log2 of a positive value, UQ6.11: low by at most 0.0007. */
/*@ requires value > 0;
  @ assigns \nothing;
  @ ensures \result < 65 << 11; */
uint32_t kws_log2(uint64_t value)
{
    return (uint32_t)(log2_below(value) + (63 << 16)) >> 5;
}

/* From a level, UQ.23 below 2^31.1, with the rounding half. */
static inline int32_t code_of(uint32_t level)
{
#ifdef KWS_CORE_MAINLINE
    int32_t code;
    __asm__("ssat %0, #8, %1, asr #23" : "=r"(code) : "r"(level - (128u << 23)));
    return code;
#else
    level >>= 23;
    return (int32_t)(level < 255 ? level : 255) - 128;
#endif
}

/* What is the same for every energy: from 2^63 to the floor, and the rounding half. */
#define LEVEL_OFFSET (((63u << 11) - KWS_ENERGY_FLOOR_LOG2) * KWS_LOG_GAIN + (1u << 22))

/*@ requires energy < 1 << 48;
  @ assigns \nothing; */
int32_t kws_log_code(uint64_t energy)
{
    const uint32_t below = (uint32_t)(log2_below(energy + KWS_ENERGY_FLOOR) >> 5);
    return code_of(below * KWS_LOG_GAIN + LEVEL_OFFSET); /* modulo 2^32 */
}
