/* One GRU step between two marks, for the instruction counter; the weights are pseudo-random, the count is of a
 * step whose values do not saturate.  Compiled with another rule's header in front, it costs that rule. */
#include <stdint.h>

#include "cell.h"
#include "count.h"

int main(void);

static struct kws_gru gru;
static int16_t state[KWS_UNITS], next[KWS_UNITS];
static int8_t codes[KWS_BANDS];

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
    for (int unit = 0; unit < KWS_UNITS; unit++) {
        for (int gate = 0; gate < KWS_GATES; gate++) {
            gru.multiplier[unit][gate] = 3000;
            for (int i = 0; i < KWS_BANDS; i++)
                gru.input_weights[unit][gate][i] = random_weight();
            for (int i = 0; i < KWS_UNITS; i++)
                gru.recurrent_weights[unit][gate][i] = random_weight();
        }
        state[unit] = (int16_t)(random_bits() - 32768);
    }
    for (int gate = 0; gate < KWS_GATES; gate++)
        gru.scaling[gate] = (struct kws_scaling){10, 14};
    for (int i = 0; i < KWS_BANDS; i++)
        codes[i] = random_weight();
}

int main(void)
{
    fill();
    count_begin();
    kws_gru_step(&gru, codes, state, next);
    count_end();
    return 0;
}
