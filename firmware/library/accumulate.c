/* The linear half of a layer: both matrices. */
#include "lanes.h"
#include "layer.h"
#include "rows.h"

/* The last of the sums hears nothing of the input. */
static void begin_with(const int32_t *bias, int units, int32_t *sums)
{
    for (int unit = 0; unit < units; unit += KWS_LANES) {
        const kws_mask mask = kws_mask_of(units - unit);
        kws_store(sums + unit, kws_load(bias + unit, mask), mask);
    }
}

void kws_accumulate(const struct kws_layer *layer, const int16_t *input, const int16_t *state, int32_t *sums)
{
    const int units = layer->units, rows = units * layer->gates;
    int32_t *const room = sums + units * layer->sums;
    const struct kws_vector x = kws_vector_of(input, layer->inputs, layer->input_shift, room);
    kws_multiply_rows(layer->input_weights, rows, &x, layer->bias, sums);
    if (layer->recurrent_weights) {
        const struct kws_vector h = kws_vector_of(state, units, 0, room);
        int32_t *const of_state = sums + (layer->sums - layer->gates) * units;
        if (layer->sums > layer->gates)
            begin_with(layer->bias + rows, units, sums + rows);
        kws_multiply_rows(layer->recurrent_weights, rows, &h, of_state, of_state);
    }
}
