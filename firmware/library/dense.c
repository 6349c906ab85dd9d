/* A linear layer, `format` says with what behind it: the classifier, whose output is in Q5.10, and, with tanh, what makes
 * a convolution of stacked frames.  Memory: the output. */
#include "gates.h"
#include "layer.h"

enum { NOTHING, TANH };

kws_layer_step kws_dense_step;

void kws_dense_step(const struct kws_layer *layer, const int16_t *input, int16_t *output, int16_t *preactivations)
{
    kws_preactivate(layer, input, output, preactivations);
    for (int unit = 0; unit < layer->units; unit++)
        output[unit] = layer->format == TANH ? (int16_t)kws_tanh(preactivations[unit])
                                             : preactivations[unit];
}
