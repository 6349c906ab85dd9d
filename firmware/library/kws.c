/* One hop, step by step: features -> state -> logits -> detection.  (PCM -> features: frontend.c) */
#include "kws.h"

#include <string.h>

#include "detector.h"
#include "integrity.h"
#include "memory.h"
#include "network.h"
#include "primitives.h"

KWS_COLD static void set_operating_point(const struct kws *kws, uint8_t point)
{
    const int keywords = kws->model->keywords;
    for (int label = 0; label < keywords; label++)
        kws_thresholds(kws)[label] = kws->model->thresholds[point * keywords + label];
}

KWS_COLD enum kws_status kws_init(struct kws *kws, const struct kws_model *model, const struct kws_features *features,
                         struct kws_frontend *frontend)
{
    kws->model = NULL;
    if (frontend->features && frontend->features != features)
        return KWS_WRONG_FRONTEND;
    if (!kws_model_is_intact(model, features))
        return KWS_MODEL_CORRUPT;
    frontend->features = features;
    kws->model = model;
    set_operating_point(kws, 0);
    kws_reset(kws);
    return KWS_OK;
}

KWS_COLD void kws_reset(struct kws *kws)
{
    if (!kws->model)
        return;
    kws_detector_reset(kws);
    kws_network_reset(kws->model, kws_memory(kws));
}

bool kws_hop(struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection)
{
    const struct kws_model *model = kws->model;
    if (!model || !frontend->features)
        return false;
    if (kws_sleeps(frontend)) {
        kws_detector_rest(kws);
        return false;
    }
    void *const scratch = kws_scratch(frontend);
    const int16_t *const logits = kws_network_step(model, kws_codes(frontend), kws_memory(kws), scratch);
    kws_posteriors(logits, model->labels, scratch);
    const bool detected = kws_detector_hop(kws, scratch);
    if (detected && detection)
        kws_describe(kws, frontend, detection);
    return detected;
}

KWS_COLD enum kws_status kws_set_operating_point(struct kws *kws, uint8_t point)
{
    if (!kws->model)
        return KWS_MODEL_CORRUPT;
    if (point >= kws->model->points)
        return KWS_OUT_OF_RANGE;
    set_operating_point(kws, point);
    return KWS_OK;
}

enum kws_status kws_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold)
{
    if (!kws->model)
        return KWS_MODEL_CORRUPT;
    if (label >= kws->model->keywords)
        return KWS_OUT_OF_RANGE;
    kws_thresholds(kws)[label] = threshold;
    return KWS_OK;
}

uint16_t kws_threshold(const struct kws *kws, uint8_t label)
{
    return kws->model && label < kws->model->keywords ? kws_thresholds(kws)[label] : 0;
}

uint16_t kws_posterior(const struct kws *kws, uint8_t label)
{
    return kws->model && label < kws->model->keywords ? kws_smoothed(kws)[label] : 0;
}

KWS_COLD const char *kws_label(const struct kws *kws, uint8_t label)
{
    if (!kws->model || label >= kws->model->labels)
        return "";
    const char *text = kws_labels(kws->model);
    while (label--)
        text += strlen(text) + 1;
    return text;
}
