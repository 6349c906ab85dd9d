#include "network.h"

#include "primitives.h"

KWS_COLD void kws_network_reset(const struct kws_model *model, int16_t *memory)
{
    for (const struct kws_layer *layer = model->layers; layer < model->layers + model->layer_count; layer++)
        for (int i = 0; i < layer->memory_codes; i++)
            *memory++ = layer->zero;
}
