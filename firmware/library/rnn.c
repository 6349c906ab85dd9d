/* A vanilla recurrent network (Elman 1990): h' = tanh(W x + U h + b).  Memory: h. */
#include "gates.h"
#include "layer.h"

kws_layer_step kws_rnn_step;

void kws_rnn_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int16_t *preactivations)
{
    kws_preactivate(layer, input, h, preactivations);
    for (int unit = 0; unit < layer->units; unit++)
        h[unit] = (int16_t)kws_tanh(preactivations[unit]);
}
