/* The newest hops side by side, oldest first; with a dense layer after it, this is a convolution over time.  No weights.
 * Memory: the stacked hops. */
#include "layer.h"

#include <string.h>

kws_layer_step kws_frame_stack_step;

void kws_frame_stack_step(const struct kws_layer *layer, const int16_t *input, int16_t *stacked, int32_t *sums)
{
    const size_t kept = (size_t)(layer->units - layer->inputs);
    (void)sums;
    memmove(stacked, stacked + layer->inputs, kept * sizeof *stacked);
    memcpy(stacked + kept, input, layer->inputs * sizeof *stacked);
}
