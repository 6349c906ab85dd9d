/* A linear layer, with tanh behind it where `format` is 1 and nothing where it is 0: the classifier, whose output is
 * in Q5.10, and what makes a convolution of stacked frames.  Memory: the output. */
#include "layer.h"
#include "primitives.h"
#include "tables.h"

kws_layer_step kws_dense_step;

void kws_dense_step(const struct kws_layer *layer, const int16_t *input, int16_t *output, int16_t *preactivations)
{
    kws_preactivate(layer, input, output, preactivations);
    for (int unit = 0; unit < layer->units; unit++)
        output[unit] =
            layer->format ? (int16_t)kws_interpolate(kws_tanh_table, preactivations[unit]) : preactivations[unit];
}
