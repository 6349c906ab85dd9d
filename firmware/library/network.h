/* The network: layers, each reading what the one before left at the beginning of its memory, or in the scratch. */
#ifndef KWS_NETWORK_H
#define KWS_NETWORK_H

#include <stdint.h>

#include "model.h"

/* memory: that of each layer, [memory_codes]; then the logits, Q5.10 [labels], which are the classifier's memory. */
void kws_network_reset(const struct kws_model *model, int16_t *memory);

/* One step of the layers from `layer` to before `end`, one at least; memory: that of the first of them.  Returns the output
 * of the last.  scratch: enough for the largest layer and, if one before it leaves its output there, for that too. */
static inline const int16_t *kws_run_layers(const struct kws_layer *layer, const struct kws_layer *end, const int16_t *input,
                                             int16_t *memory, int32_t *scratch)
{
    int32_t *room = scratch;
    do {
        layer->step(layer, input, memory, room);
        if (kws_leaves_output_in_scratch(layer)) {
            input = (const int16_t *)room;
            room += (layer->units + 1) >> 1;
        } else {
            input = memory;
            room = scratch;
        }
        memory += layer->memory_codes;
    } while (++layer < end);
    return input;
}

/* One step from features to logits, which it returns. */
static inline const int16_t *kws_network_step(const struct kws_model *model, const int16_t *codes, int16_t *memory,
                                              int32_t *scratch)
{
    return kws_run_layers(model->layers, model->layers + model->layer_count, codes, memory, scratch);
}

#endif
