/* The story of a hop: PCM -> features -> state -> logits -> detection. */
#include "kws.h"

#include <string.h>

/* FNV-1a, 32 bits. */
static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    while (size--)
        hash = (hash ^ *byte++) * 16777619u;
    return hash;
}

/* Array by array, so that padding between them does not count. */
static uint32_t hash_model(const struct kws_model *model)
{
    uint32_t hash = 2166136261u;
    hash = hash_bytes(hash, model->mel.rise, sizeof model->mel.rise);
    hash = hash_bytes(hash, model->mel.segment, sizeof model->mel.segment);
    hash = hash_bytes(hash, model->gru.bias, sizeof model->gru.bias);
    hash = hash_bytes(hash, model->gru.multiplier, sizeof model->gru.multiplier);
    hash = hash_bytes(hash, model->gru.scaling, sizeof model->gru.scaling);
    hash = hash_bytes(hash, model->gru.input_weights, sizeof model->gru.input_weights);
    hash = hash_bytes(hash, model->gru.recurrent_weights, sizeof model->gru.recurrent_weights);
    hash = hash_bytes(hash, model->classifier.bias, sizeof model->classifier.bias);
    hash = hash_bytes(hash, model->classifier.multiplier, sizeof model->classifier.multiplier);
    hash = hash_bytes(hash, &model->classifier.scaling, sizeof model->classifier.scaling);
    hash = hash_bytes(hash, model->classifier.weights, sizeof model->classifier.weights);
    hash = hash_bytes(hash, &model->operating_point, sizeof model->operating_point);
    return hash_bytes(hash, model->labels, sizeof model->labels);
}

enum kws_status kws_init(struct kws *kws, const struct kws_model *model)
{
    if (hash_model(model) != model->hash)
        return KWS_MODEL_CORRUPT;
    kws->model = model;
    kws_reset(kws);
    return KWS_OK;
}

void kws_reset(struct kws *kws)
{
    kws->hops = 0;
    kws_frontend_reset(&kws->frontend);
    kws_detector_reset(&kws->detector);
    memset(kws->state, 0, sizeof kws->state);
}

bool kws_hop(struct kws *kws, const int16_t pcm[KWS_HOP_SAMPLES], struct kws_detection *detection)
{
    const struct kws_model *model = kws->model;
    kws->hops++;
    kws_frontend_hop(&kws->frontend, &model->mel, pcm, kws->codes);
    kws_gru_step(&model->gru, kws->codes, kws->state, kws->next);
    memcpy(kws->state, kws->next, sizeof kws->state);
    kws_classify(&model->classifier, kws->state, kws->logits);
    if (!kws_detector_hop(&kws->detector, &model->operating_point, kws->logits))
        return false;
    detection->label = kws->detector.held_label;
    detection->posterior = (uint16_t)(kws->detector.smoothed[detection->label] >> 15);
    detection->time_ms = kws->hops * KWS_HOP_MS;
    return true;
}
