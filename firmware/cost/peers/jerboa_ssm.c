/* One step of the library's state-space cell; its matrix is small, as only what follows the matrix is compared. */
#include "layer.h"
#include "random.h"

enum { INPUTS = 10, UNITS = 64, GATES = 2 };

int main(void);
kws_layer_step kws_ssm_step;

static int32_t bias[UNITS * GATES];
static kws_multiplier multiplier[UNITS * GATES];
static const struct kws_scaling scaling[GATES] = {{6, 12}, {6, 12}};
KWS_ALIGNED static int8_t weights[UNITS * GATES * INPUTS];
static int8_t input[INPUTS];
static int16_t codes[INPUTS], memory[UNITS + UNITS / 2]; /* upper 16 bits of the states, then the lower 8 */
static int32_t sums[UNITS * GATES + INPUTS];

static const struct kws_layer ssm = {
    .bias = bias,
    .multiplier = multiplier,
    .scaling = scaling,
    .weights = (const uint8_t *)weights,
    .inputs = INPUTS,
    .units = UNITS,
    .memory_codes = UNITS + UNITS / 2,
    .gates = GATES,
    .sums = GATES,
    .input_shift = 0,
};

int main(void)
{
    for (int row = 0; row < UNITS * GATES; row++)
        multiplier[row] = 3000;
    fill(weights, sizeof weights);
    fill(input, INPUTS);
    for (int i = 0; i < INPUTS; i++)
        codes[i] = input[i];
    kws_ssm_step(&ssm, codes, memory, sums);
    return 0;
}
