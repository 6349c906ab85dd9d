/* A linear layer; `format` selects the activation.  Without one it is the classifier, with output in Q5.10.  With tanh it
 * turns stacked frames into a convolution.  Memory: the output. */
#include <stddef.h>

#include "gates.h"
#include "layer_kernels.h"

enum { NOTHING, TANH };

kws_layer_step kws_dense_step;

void kws_dense_step(const struct kws_layer *layer, const int16_t *input, int16_t *output, int32_t *sums)
{
    const struct kws_gate gate = kws_gate_of(layer, sums, 0);
    kws_accumulate(layer, input, NULL, sums);
    int unit = 0;
    do { /* there is a unit: with a test for none, GCC 12 at -O3 exceeds the range of CBZ on Helium */
        const kws_mask mask = kws_mask_of(layer->units - unit);
        const kws_lanes y = kws_preactivation(&gate, unit, mask);
        kws_store_int16(output + unit, layer->format == TANH ? kws_tanh(y) : y, mask);
        unit += KWS_LANES;
    } while (unit < layer->units);
}
