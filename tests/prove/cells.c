/* Every kind of layer in many sizes: any weights, any input, any memory. */
#include "layer_kernels.h"

#include "any.h"

enum { MOST_UNITS = 256, LONG_UNITS = 16, MOST_TAPS = 10, MOST_SUMS = 4 };

kws_layer_step kws_rnn_step, kws_gru_step, kws_lstm_step, kws_ssm_step, kws_dense_step, kws_depthwise_step, kws_frame_stack_step;

static int32_t sums[MOST_SUMS * MOST_UNITS];
static int16_t memory[MOST_TAPS * MOST_UNITS], input[MOST_UNITS];
static kws_multiplier multiplier[MOST_SUMS * MOST_UNITS];
static struct kws_scaling scaling[MOST_SUMS];
static int8_t weights[MOST_TAPS * MOST_UNITS];

/* Whatever the rows are: sums that kws_requantize scales to any int16 without exceeding its contract. */
void kws_accumulate(const struct kws_layer *layer, const int16_t *codes, const int16_t *state, int32_t *to)
{
    for (int i = 0; i < layer->sums * layer->units; i++)
        to[i] = Frama_C_interval(-(1 << 17) + 8, (1 << 17) - 8);
}

/* Arrays end where those of the layer end, so that what is beyond them is beyond the object. */
static void step(kws_layer_step *kind, int units, int inputs, int memory_codes, int gates, int sum_count, int format)
{
    const struct kws_layer layer = {
        .multiplier = multiplier + MOST_SUMS * MOST_UNITS - gates * units,
        .scaling = scaling + MOST_SUMS - gates,
        .weights = (const uint8_t *)weights + MOST_TAPS * MOST_UNITS - gates * units,
        .inputs = (uint16_t)inputs,
        .units = (uint16_t)units,
        .memory_codes = (uint16_t)memory_codes,
        .gates = (uint8_t)gates,
        .sums = (uint8_t)sum_count,
        .format = (uint8_t)format,
        .zero = (int8_t)Frama_C_interval(-128, 127),
    };
    ANY(memory);
    const int room = kws_leaves_output_in_scratch(&layer) ? (units + 1) / 2 : sum_count * units;
    kind(&layer, input + MOST_UNITS - inputs, memory + MOST_TAPS * MOST_UNITS - memory_codes,
         sums + MOST_SUMS * MOST_UNITS - room);
}

static void every_kind(int units)
{
    step(kws_rnn_step, units, 1, units, 1, 1, 0);
    step(kws_gru_step, units, 1, units, 3, 4, 0);
    step(kws_lstm_step, units, 1, 2 * units, 4, 4, 11);
    step(kws_lstm_step, units, 1, 2 * units, 4, 4, 12);
    step(kws_ssm_step, units, 1, units + (units + 1) / 2, 2, 2, 0);
    step(kws_dense_step, units, 1, units, 1, 1, 0);
    step(kws_dense_step, units, 1, units, 1, 1, 1);
}

static void every_convolution(int units)
{
    for (int taps = 2; taps <= MOST_TAPS; taps++)
        for (int format = 0; format <= 9; format += 9)
            step(kws_depthwise_step, units, units, (taps - 1) * units, taps, 0, format);
    for (int hops = 2; hops <= MOST_TAPS; hops++)
        step(kws_frame_stack_step, hops * units, units, hops * units, 0, 0, 0);
}

int main(void)
{
    ANY(input);
    ANY(weights);
    for (int i = 0; i < MOST_SUMS * MOST_UNITS; i++)
        multiplier[i] = (kws_multiplier)Frama_C_interval(0, INT16_MAX);
    for (int i = 0; i < MOST_SUMS; i++)
        scaling[i] = (struct kws_scaling){1, 1};
    for (int units = 1; units <= LONG_UNITS; units++)
        every_kind(units);
    every_kind(MOST_UNITS);
    for (int units = 1; units <= 8; units++)
        every_convolution(units);
    /*@ assert end: \true; */
    return 0;
}
