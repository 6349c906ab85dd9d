/* The story of a hop: PCM -> features -> state -> logits -> detection. */
#include "kws.h"

#include <stddef.h>

#include "integrity.h"

enum kws_status kws_init(struct kws *kws, const struct kws_model *model)
{
    kws->model = NULL;
    if (!kws_is_intact(model))
        return KWS_MODEL_CORRUPT;
    kws->model = model;
    kws->detector.point = model->points[0];
    kws_reset(kws);
    return KWS_OK;
}

void kws_reset(struct kws *kws)
{
    if (!kws->model)
        return;
    kws->hops = 0;
    kws_frontend_reset(&kws->frontend);
    kws_detector_reset(&kws->detector);
    kws_network_reset(&kws->network, kws->model->layers);
}

enum kws_status kws_set_operating_point(struct kws *kws, uint8_t point)
{
    if (!kws->model)
        return KWS_MODEL_CORRUPT;
    if (point >= KWS_POINTS)
        return KWS_OUT_OF_RANGE;
    kws->detector.point = kws->model->points[point];
    return KWS_OK;
}

enum kws_status kws_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold)
{
    if (!kws->model)
        return KWS_MODEL_CORRUPT;
    if (label >= KWS_KEYWORDS)
        return KWS_OUT_OF_RANGE;
    kws->detector.point.thresholds[label] = threshold;
    return KWS_OK;
}

bool kws_hop(struct kws *kws, const int16_t pcm[KWS_HOP_SAMPLES], struct kws_detection *detection)
{
    const struct kws_model *model = kws->model;
    if (!model)
        return false;
    kws->hops++;
    kws_frontend_hop(&kws->frontend, pcm, kws->scratch.spectrum);
    kws_mel_features(&model->mel, kws->scratch.spectrum, kws->network.codes);
    kws_network_step(&kws->network, model->layers, kws->scratch.sums);
    if (!kws_detector_hop(&kws->detector, &model->rule, kws->network.logits))
        return false;
    if (!detection)
        return true;
    detection->label = kws->detector.held_label;
    detection->posterior = kws->detector.smoothed[detection->label];
    detection->time_ms = kws->hops * KWS_HOP_MS;
    return true;
}
