/* The one rounding rule of the number format; docs/number-format.md has the measured comparison with other rules. */
#ifndef KWS_REQUANTIZE_H
#define KWS_REQUANTIZE_H

#include <stdint.h>

#include "lanes.h"
#include "scaling.h"

static inline kws_lanes kws_load_multiplier(const kws_multiplier *from, kws_mask mask)
{
    return kws_load_uint16(from, mask);
}

/* Before saturation: the product fits 32 bits, so the result is within 2^30.  Ties round up. */
/*@ requires 1 <= scaling.accumulator_shift <= 16 && 1 <= scaling.right_shift <= 30;
  @ requires 0 < (1 << (scaling.right_shift - 1)) <= INT32_MAX;
  @ requires INT32_MIN <= (accumulator >> scaling.accumulator_shift) * multiplier <= INT32_MAX;
  @ requires (accumulator >> scaling.accumulator_shift) * multiplier + (1 << (scaling.right_shift - 1)) <= INT32_MAX;
  @ assigns \nothing;
  @ ensures -0x40000000 <= \result <= 0x40000000; */
static inline kws_lanes kws_rescale(kws_lanes accumulator, kws_lanes multiplier, struct kws_scaling scaling)
{
    const kws_lanes product = kws_shift_right(accumulator, scaling.accumulator_shift) * multiplier;
    return kws_shift_right_rounded(product, scaling.right_shift);
}

/* Returns saturated int16 codes. */
/*@ requires 1 <= scaling.accumulator_shift <= 16 && 1 <= scaling.right_shift <= 30;
  @ requires 0 < (1 << (scaling.right_shift - 1)) <= INT32_MAX;
  @ requires INT32_MIN <= (accumulator >> scaling.accumulator_shift) * multiplier <= INT32_MAX;
  @ requires (accumulator >> scaling.accumulator_shift) * multiplier + (1 << (scaling.right_shift - 1)) <= INT32_MAX;
  @ assigns \nothing;
  @ ensures INT16_MIN <= \result <= INT16_MAX; */
static inline kws_lanes kws_requantize(kws_lanes accumulator, kws_lanes multiplier, struct kws_scaling scaling)
{
    return kws_saturate16(kws_rescale(accumulator, multiplier, scaling));
}

#endif
