/* The story of a hop: PCM -> features -> state -> logits -> detection. */
#include "kws.h"

#include <stddef.h>

/* FNV-1a, 32 bits. */
static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    while (size--)
        hash = (hash ^ *byte++) * 16777619u;
    return hash;
}

static uint32_t hash_layer(uint32_t hash, const struct kws_layer *layer)
{
    const size_t rows = (size_t)layer->units * layer->gates, packed = layer->sums ? rows + (rows & 1) : rows;
    const uint16_t sizes[] = {layer->inputs, layer->units,       layer->memory_codes, layer->gates,
                              layer->sums,   layer->input_shift, layer->format,       (uint16_t)layer->zero};
    hash = hash_bytes(hash, sizes, sizeof sizes);
    if (layer->bias) {
        hash = hash_bytes(hash, layer->bias, (size_t)layer->units * layer->sums * sizeof *layer->bias);
        hash = hash_bytes(hash, layer->multiplier, rows * sizeof *layer->multiplier);
        hash = hash_bytes(hash, layer->scaling, layer->gates * sizeof *layer->scaling);
    }
    if (layer->input_weights)
        hash = hash_bytes(hash, layer->input_weights, packed * layer->inputs);
    return layer->recurrent_weights ? hash_bytes(hash, layer->recurrent_weights, packed * layer->units) : hash;
}

/* Array by array, so that neither padding nor addresses count. */
static uint32_t hash_model(const struct kws_model *model)
{
    uint32_t hash = 2166136261u;
    hash = hash_bytes(hash, model->mel.rise, sizeof model->mel.rise);
    hash = hash_bytes(hash, model->mel.segment, sizeof model->mel.segment);
    for (int layer = 0; layer < KWS_LAYERS; layer++)
        hash = hash_layer(hash, &model->layers[layer]);
    hash = hash_bytes(hash, &model->rule, sizeof model->rule);
    hash = hash_bytes(hash, model->points, sizeof model->points);
    return hash_bytes(hash, model->labels, sizeof model->labels);
}

enum kws_status kws_init(struct kws *kws, const struct kws_model *model)
{
    if (hash_model(model) != model->hash)
        return KWS_MODEL_CORRUPT;
    kws->model = model;
    kws->detector.point = model->points[0];
    kws_reset(kws);
    return KWS_OK;
}

void kws_reset(struct kws *kws)
{
    kws->hops = 0;
    kws_frontend_reset(&kws->frontend);
    kws_detector_reset(&kws->detector);
    kws_network_reset(&kws->network, kws->model->layers);
}

enum kws_status kws_set_operating_point(struct kws *kws, uint8_t point)
{
    if (point >= KWS_POINTS)
        return KWS_OUT_OF_RANGE;
    kws->detector.point = kws->model->points[point];
    return KWS_OK;
}

enum kws_status kws_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold)
{
    if (label >= KWS_KEYWORDS)
        return KWS_OUT_OF_RANGE;
    kws->detector.point.thresholds[label] = threshold;
    return KWS_OK;
}

bool kws_hop(struct kws *kws, const int16_t pcm[KWS_HOP_SAMPLES], struct kws_detection *detection)
{
    const struct kws_model *model = kws->model;
    kws->hops++;
    kws_frontend_hop(&kws->frontend, &model->mel, pcm, kws->scratch.spectrum, kws->network.codes);
    kws_network_step(&kws->network, model->layers, kws->scratch.sums);
    if (!kws_detector_hop(&kws->detector, &model->rule, kws->network.logits))
        return false;
    detection->label = kws->detector.held_label;
    detection->posterior = kws->detector.smoothed[detection->label];
    detection->time_ms = kws->hops * KWS_HOP_MS;
    return true;
}
