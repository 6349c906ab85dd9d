/* The whole library for the host: what evaluation, streaming and the proofs call from Python.
 * Every hop goes through kws_hop itself; the rest only copies out what it left behind. */
#include <stddef.h>
#include <string.h>

#include "kws.h"

#include "spotter.h"

size_t host_bytes(void)
{
    return sizeof(struct kws);
}

int host_init(struct kws *kws)
{
    return (int)kws_init(kws, &kws_model);
}

void host_reset(struct kws *kws)
{
    kws_reset(kws);
}

static void copy_hop(const struct kws *kws, const struct host_trace *trace, size_t hop)
{
    memcpy(trace->codes + hop * KWS_BANDS, kws->codes, sizeof kws->codes);
    memcpy(trace->states + hop * KWS_UNITS, kws->state, sizeof kws->state);
    memcpy(trace->logits + hop * KWS_LABELS, kws->logits, sizeof kws->logits);
    memcpy(trace->smoothed + hop * KWS_LABELS, kws->detector.smoothed, sizeof kws->detector.smoothed);
}

void host_hear(struct kws *kws, const int16_t *pcm, size_t hops, const struct host_trace *trace)
{
    for (size_t hop = 0; hop < hops; hop++) {
        struct kws_detection detection;
        const bool detected = kws_hop(kws, pcm + hop * KWS_HOP_SAMPLES, &detection);
        trace->detected[hop] = detected ? detection.label : KWS_LABELS;
        copy_hop(kws, trace, hop);
    }
}

void host_step(const int8_t *codes, size_t hops, int16_t *state, int16_t *states, int16_t *logits)
{
    for (size_t hop = 0; hop < hops; hop++) {
        int16_t *next = states + hop * KWS_UNITS;
        kws_gru_step(&kws_model.gru, codes + hop * KWS_BANDS, state, next);
        memcpy(state, next, sizeof(int16_t) * KWS_UNITS);
        kws_classify(&kws_model.classifier, state, logits + hop * KWS_LABELS);
    }
}
