/* The whole library for the host: what evaluation, streaming and the proofs call from Python.
 * Every hop goes through kws_hop itself; the rest only copies out what it left behind. */
#include <stddef.h>
#include <string.h>

#include "kws.h"

#include "spotter.h"

struct host_model host_model(void)
{
    const struct host_model model = {KWS_MODEL_ID, KWS_HOP_SAMPLES, KWS_BANDS, KWS_LABELS, KWS_KEYWORDS, KWS_POINTS};
    return model;
}

const char *host_label(size_t label)
{
    return kws_model.labels[label];
}

size_t host_bytes(void)
{
    return sizeof(struct kws);
}

size_t host_network_codes(void)
{
    return sizeof(struct kws_network) / sizeof(int16_t);
}

const struct kws_network *host_network(const struct kws *kws)
{
    return &kws->network;
}

int host_init(struct kws *kws)
{
    return (int)kws_init(kws, &kws_model);
}

void host_reset(struct kws *kws)
{
    kws_reset(kws);
}

int host_set_operating_point(struct kws *kws, uint8_t point)
{
    return (int)kws_set_operating_point(kws, point);
}

int host_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold)
{
    return (int)kws_set_threshold(kws, label, threshold);
}

void host_thresholds(const struct kws *kws, uint16_t *thresholds)
{
    memcpy(thresholds, &kws->detector.point, sizeof kws->detector.point);
}

static void copy_hop(const struct kws *kws, const struct host_trace *trace, size_t hop)
{
    trace->network[hop] = kws->network;
    memcpy(trace->smoothed + hop * KWS_KEYWORDS, kws->detector.smoothed, sizeof kws->detector.smoothed);
}

void host_hear(struct kws *kws, const int16_t *pcm, size_t hops, const struct host_trace *trace)
{
    for (size_t hop = 0; hop < hops; hop++) {
        struct kws_detection detection;
        const bool detected = kws_hop(kws, pcm + hop * KWS_HOP_SAMPLES, &detection);
        trace->detected[hop] = detected ? detection.label : UINT8_MAX;
        copy_hop(kws, trace, hop);
    }
}

void host_detect(struct kws *kws, const int16_t *logits, size_t hops, uint8_t *detected)
{
    struct kws_detector *detector = &kws->detector;
    kws_detector_reset(detector);
    for (size_t hop = 0; hop < hops; hop++)
        detected[hop] = kws_detector_hop(detector, &kws->model->rule, logits + hop * KWS_LABELS) ? detector->held_label
                                                                                                 : UINT8_MAX;
}

void host_step(struct kws *kws, struct kws_network *network, size_t steps)
{
    for (size_t step = 0; step < steps; step++)
        kws_network_step(&network[step], kws_model.layers, kws->scratch.sums);
}

void host_stream(struct kws *kws, const int16_t *codes, size_t hops, int16_t *logits)
{
    for (size_t hop = 0; hop < hops; hop++) {
        memcpy(kws->network.codes, codes + hop * KWS_BANDS, sizeof kws->network.codes);
        kws_network_step(&kws->network, kws_model.layers, kws->scratch.sums);
        memcpy(logits + hop * KWS_LABELS, kws->network.logits, sizeof kws->network.logits);
    }
}
