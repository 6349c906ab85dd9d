/* The linear half of a layer: the products with both weight matrices. */
#include <string.h>

#include "layer_kernels.h"
#include "rows.h"

void kws_accumulate(const struct kws_layer *layer, const int16_t *input, const int16_t *state, int32_t *sums)
{
    const int units = layer->units, rows = units * layer->gates;
    int32_t *const room = sums + units * layer->sums;
    const struct kws_vector x = kws_vector_of(input, layer->inputs, layer->input_shift, room);
    kws_multiply_rows(layer->weights, rows, &x, layer->bias, sums);
    if (state) {
        const uint8_t *const recurrent_weights = layer->weights + ((((rows + 1) & ~1) * x.columns + 3) & ~3);
        const struct kws_vector h = kws_vector_of(state, units, 0, room);
        int32_t *of_state = sums;
        if (layer->sums > layer->gates) { /* the last sum is over the state only */
            memcpy(sums + rows, layer->bias + rows, (size_t)units * sizeof *sums);
            of_state += units;
        }
        kws_multiply_rows(recurrent_weights, rows, &h, of_state, of_state);
    }
}
