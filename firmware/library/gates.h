/* The nonlinearities of gates: input Q3.12 (int16 range), output Q0.15.
 *
 * One table serves both.  Its 129 knots are 512 codes apart over -8..8; linear interpolation between them is within 2.6e-4
 * of the logistic function.  tanh(x) = 2 sigmoid(2 x) - 1 is within 5e-4 up to |x| = 3.9; it ends at 0.9992 and -0.9993, so
 * it is within 8e-4 beyond.  Its codes are odd numbers: tanh(0) is code 1, not 0. */
#ifndef KWS_GATES_H
#define KWS_GATES_H

#include "lanes.h"
#include "tables.h"

/* Between two knots: first + (second - first) * fraction / 512, floored.  The product is below 2^10 * 2^9: neighbouring
 * knots are at most 2^15 / 32 apart.  (The knots are unsigned, as ARMv6-M loads unsigned half-words with fewer
 * instructions.) */
/*@ requires INT16_MIN <= input <= INT16_MAX;
  @ assigns \nothing;
  @ ensures 0 <= \result <= INT16_MAX; */
static inline kws_lanes kws_sigmoid(kws_lanes input)
{
    const uint16_t *const middle = kws_sigmoid_table + 64;
#if defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)
    /* Both knots in one load, weighted with 512 - fraction and fraction, the half-words of 512 + 0xffff * fraction. */
    int32_t index, fraction;
    __asm__("asr   %[index], %[input], #9\n\t"
            "ubfx  %[fraction], %[input], #0, #9\n\t"
            "ldr   %[index], [%[middle], %[index], lsl #1]\n\t"
            "mla   %[fraction], %[fraction], %[halves], %[one]\n\t"
            "smuad %[index], %[index], %[fraction]"
            : [index] "=&r"(index), [fraction] "=&r"(fraction)
            : [input] "r"(input), [middle] "r"(middle), [halves] "r"(0xffff), [one] "r"(512), "m"(kws_sigmoid_table));
    return index >> 9;
#else
    const kws_lanes first = kws_look_up(middle, input >> 9), second = kws_look_up(middle + 1, input >> 9);
    return first + (((second - first) * (input & 511)) >> 9);
#endif
}

/* Saturates an input beyond int16, up to 2^30. */
static inline kws_lanes kws_tanh(kws_lanes input)
{
    return 2 * kws_sigmoid(kws_saturate16_twice(input)) - INT16_MAX;
}

#endif
