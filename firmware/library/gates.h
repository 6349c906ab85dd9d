/* The nonlinearities of gates: input Q3.12 (int16 range), output Q0.15.
 *
 * One table serves both.  Its 129 knots are 512 codes apart over -8..8, linear interpolation between them is within
 * 2.6e-4 of the logistic function; tanh(x) = 2 sigmoid(2 x) - 1 is within 5e-4 up to |x| = 3.9, ends at 0.9992
 * and -0.9993 and so is within 8e-4 beyond; it is odd-valued, so tanh(0) is 1, not 0. */
#ifndef KWS_GATES_H
#define KWS_GATES_H

#include "primitives.h"
#include "tables.h"

/* The product is below 2^10 * 2^9: neighbouring knots are at most 2^15 / 32 apart. */
static inline int32_t kws_sigmoid(int32_t input)
{
    const int16_t *knot = kws_sigmoid_table + ((input >> 9) + 64);
    return knot[0] + (((knot[1] - knot[0]) * (input & 511)) >> 9);
}

static inline int32_t kws_tanh(int32_t input)
{
    return 2 * kws_sigmoid(kws_saturate16(2 * input)) - INT16_MAX;
}

#endif
