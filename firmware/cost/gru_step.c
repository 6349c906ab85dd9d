/* One GRU step, for the instruction counter; the weights are pseudo-random, the count is of a step whose values do not
 * saturate.  Compiled with another rule's header in front, it measures that rule's cost. */
#include <stdint.h>

#include "layer.h"

enum { INPUTS = 10, UNITS = 64, GATES = 3, SUMS = 4 };

int main(void);
kws_layer_step kws_gru_step;

static int32_t bias[UNITS * SUMS];
static kws_multiplier multiplier[UNITS * GATES];
static const struct kws_scaling scaling[GATES] = {{10, 14}, {10, 14}, {10, 14}};
KWS_ALIGNED static uint8_t weights[UNITS * GATES * (INPUTS + UNITS)];
static int16_t codes[INPUTS], state[UNITS];
static int32_t sums[UNITS * SUMS + UNITS / 2];

static const struct kws_layer gru = {
    .bias = bias,
    .multiplier = multiplier,
    .scaling = scaling,
    .weights = weights,
    .inputs = INPUTS,
    .units = UNITS,
    .memory_codes = UNITS,
    .gates = GATES,
    .sums = SUMS,
    .input_shift = 9,
};

static uint32_t random_bits(void)
{
    static uint32_t bits = 1;
    bits = bits * 1664525u + 1013904223u;
    return bits >> 16;
}

static int8_t random_weight(void)
{
    return (int8_t)((int32_t)(random_bits() & 63) - 32);
}

static void fill(void)
{
    for (int row = 0; row < UNITS * GATES; row++)
        multiplier[row] = 3000;
    for (int i = 0; i < UNITS * GATES * (INPUTS + UNITS); i++)
        weights[i] = (uint8_t)random_weight();
    for (int i = 0; i < INPUTS; i++)
        codes[i] = random_weight();
    for (int unit = 0; unit < UNITS; unit++)
        state[unit] = (int16_t)(random_bits() - 32768);
}

int main(void)
{
    fill();
    kws_gru_step(&gru, codes, state, sums);
    return 0;
}
