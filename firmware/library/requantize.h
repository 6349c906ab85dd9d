/* The one rounding rule of the number format; docs/number-format.md has what it was chosen over, measured. */
#ifndef KWS_REQUANTIZE_H
#define KWS_REQUANTIZE_H

#include <stdint.h>

#include "primitives.h"

typedef int16_t kws_multiplier;

/* An accumulator's way to a code: code = round(accumulator * multiplier / 2^(accumulator_shift + right_shift)).
 * The export chooses accumulator_shift so that (accumulator >> accumulator_shift) * multiplier fits
 * 32 bits for every possible input, and adds its rounding half, 2^(accumulator_shift - 1), to the bias. */
struct kws_scaling {
    uint8_t accumulator_shift; /* 1..16 */
    uint8_t right_shift;       /* 1..30 */
};

/* Returns a saturated int16 code; ties round up. */
static inline int32_t kws_requantize(int32_t accumulator, kws_multiplier multiplier, struct kws_scaling scaling)
{
    const int32_t half = (int32_t)1 << (scaling.right_shift - 1);
    const int32_t product = (accumulator >> scaling.accumulator_shift) * multiplier;
    return kws_saturate16((product + half) >> scaling.right_shift);
}

#endif
