/* A vanilla recurrent network (Elman 1990): h' = tanh(W x + U h + b).  Memory: h. */
#include "gates.h"
#include "layer_kernels.h"

kws_layer_step kws_rnn_step;

void kws_rnn_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int32_t *sums)
{
    const struct kws_gate gate = kws_gate_of(layer, sums, 0);
    kws_accumulate(layer, input, h, sums);
    for (int unit = 0; unit < layer->units; unit += KWS_LANES) {
        const kws_mask mask = kws_mask_of(layer->units - unit);
        kws_store_int16(h + unit, kws_tanh(kws_wide_preactivation(&gate, unit, mask)), mask);
    }
}
