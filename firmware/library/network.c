#include "network.h"

#include "primitives.h"

KWS_COLD void kws_network_reset(const struct kws_model *model, int16_t *memory)
{
    for (const struct kws_layer *layer = model->layers; layer < model->layers + model->layer_count; layer++)
        for (int i = 0; i < layer->memory_codes; i++)
            *memory++ = layer->zero;
}

void kws_network_step(const struct kws_model *model, const int16_t *codes, int16_t *memory, int32_t *sums)
{
    const int16_t *input = codes;
    const struct kws_layer *layer = model->layers, *const end = layer + model->layer_count;
    for (; layer < end; layer++) {
        layer->step(layer, input, memory, sums);
        input = memory;
        memory += layer->memory_codes;
    }
}
