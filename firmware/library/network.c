#include "network.h"

void kws_network_reset(struct kws_network *network, const struct kws_layer layers[KWS_LAYERS])
{
    int16_t *memory = network->memory;
    for (int i = 0; i < KWS_BANDS; i++)
        network->codes[i] = 0;
    for (int layer = 0; layer < KWS_LAYERS - 1; layer++)
        for (int i = 0; i < layers[layer].memory_codes; i++)
            *memory++ = layers[layer].zero;
    for (int i = 0; i < KWS_LABELS; i++)
        network->logits[i] = 0;
}

void kws_network_step(struct kws_network *network, const struct kws_layer layers[KWS_LAYERS],
                      int32_t sums[KWS_SUMS])
{
    const struct kws_layer *classifier = &layers[KWS_LAYERS - 1];
    const int16_t *input = network->codes;
    int16_t *memory = network->memory;
    for (const struct kws_layer *layer = layers; layer < classifier; layer++) {
        layer->step(layer, input, memory, sums);
        input = memory;
        memory += layer->memory_codes;
    }
    classifier->step(classifier, input, network->logits, sums);
}
