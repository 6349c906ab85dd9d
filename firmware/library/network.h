/* The network: layers, each reading what the one before left at the beginning of its memory. */
#ifndef KWS_NETWORK_H
#define KWS_NETWORK_H

#include <stdint.h>

#include "model.h"

/* memory: that of each layer, [memory_codes]; then the logits, Q5.10 [labels], which are the classifier's memory. */
void kws_network_reset(const struct kws_model *model, int16_t *memory);

/* One step from features to logits, which it returns.  sums: scratch, enough for the largest layer. */
static inline const int16_t *kws_network_step(const struct kws_model *model, const int16_t *codes, int16_t *memory,
                                              int32_t *sums)
{
    const int16_t *input = codes;
    const struct kws_layer *layer = model->layers, *const end = layer + model->layer_count;
    do {
        layer->step(layer, input, memory, sums);
        input = memory;
        memory += layer->memory_codes;
    } while (++layer < end); /* a model has a classifier at least */
    return input;
}

#endif
