/* The scaling of an accumulator to a code, as a model stores it; requantize.h applies it. */
#ifndef KWS_SCALING_H
#define KWS_SCALING_H

#include <stdint.h>

typedef uint16_t kws_multiplier; /* below 2^15 */

/* code = round(accumulator * multiplier / 2^(accumulator_shift + right_shift)).
 * The export chooses accumulator_shift so that (accumulator >> accumulator_shift) * multiplier fits
 * 32 bits for every possible input, and adds its rounding half, 2^(accumulator_shift - 1), to the bias. */
struct kws_scaling {
    uint8_t accumulator_shift; /* 1..16 */
    uint8_t right_shift;       /* 1..30 */
};

#endif
