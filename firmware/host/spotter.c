/* The whole library for the host: called from Python by evaluation, streaming and the proofs.  Every hop goes through
 * kws_frontend_hop and HOST_HOP; the rest only copies out what they left behind. */
#include <stddef.h>
#include <string.h>

#include "kws.h"

#include "detector.h"
#include "kws_model.h"
#include "memory.h"
#include "network.h"
#include "spotter.h"

/* HOST_NAME: the model's name in C, commands_20k; HOST_ID: the ID of its export; HOST_HOP: kws_hop, or kws_anomaly_hop.  All
 * come from the compiler's options. */
#define JOIN_(name, suffix) kws_##name##suffix
#define JOIN(name, suffix) JOIN_(name, suffix)
#define MODEL(suffix) JOIN(HOST_NAME, suffix)

struct host_spotter {
    struct MODEL(_frontend) front;
    struct MODEL(_stream) stream;
    struct kws_voice_gate gate;
    struct kws voice; /* that of the gate: its candidate alone */
};

static const struct kws_model *const model = &MODEL(_model);
static const struct kws_features *const features = &MODEL(_features);

struct host_model host_model(void)
{
    const struct host_model found = {HOST_ID, features->hop_samples, features->bands, model->labels, model->keywords,
                                     model->points};
    return found;
}

size_t host_bytes(void)
{
    return sizeof(struct host_spotter);
}

size_t host_memory_codes(void)
{
    return (size_t)features->bands + model->memory_codes + model->labels;
}

int host_init(struct host_spotter *spotter)
{
    return (int)MODEL(_init)(&spotter->stream, &spotter->front);
}

const char *host_label(const struct host_spotter *spotter, uint8_t label)
{
    return kws_label(&spotter->stream.kws, label);
}

void host_reset(struct host_spotter *spotter)
{
    kws_frontend_reset(&spotter->front.frontend);
    kws_reset(&spotter->stream.kws);
    spotter->gate.awake_hops = 0;
}

int host_set_operating_point(struct host_spotter *spotter, uint8_t point)
{
    return (int)kws_set_operating_point(&spotter->stream.kws, point);
}

int host_set_threshold(struct host_spotter *spotter, uint8_t label, uint16_t threshold)
{
    return (int)kws_set_threshold(&spotter->stream.kws, label, threshold);
}

uint16_t host_threshold(const struct host_spotter *spotter, uint8_t label)
{
    return kws_threshold(&spotter->stream.kws, label);
}

/* The features, then all that the network keeps. */
void host_memory(struct host_spotter *spotter, int16_t *memory)
{
    memcpy(memory, kws_codes(&spotter->front.frontend), features->bands * sizeof *memory);
    memcpy(memory + features->bands, kws_memory(&spotter->stream.kws), (host_memory_codes() - features->bands) * sizeof *memory);
}

/* What a hop left behind. */
static void keep(struct host_spotter *spotter, const struct host_trace *trace, size_t hop, bool awake, uint8_t detected)
{
    trace->detected[hop] = detected;
    trace->awake[hop] = awake;
    host_memory(spotter, trace->memory + hop * host_memory_codes());
    memcpy(trace->smoothed + hop * model->keywords, kws_smoothed(&spotter->stream.kws),
           model->keywords * sizeof *trace->smoothed);
}

void host_hear(struct host_spotter *spotter, const int16_t *pcm, size_t hops, const struct host_trace *trace)
{
    for (size_t hop = 0; hop < hops; hop++) {
        struct kws_detection detection = {UINT8_MAX, 0, 0};
        kws_frontend_hop(&spotter->front.frontend, pcm + hop * features->hop_samples);
        (void)HOST_HOP(&spotter->stream.kws, &spotter->front.frontend, &detection);
        keep(spotter, trace, hop, !kws_asleep(&spotter->front.frontend), detection.label);
    }
}

void host_hear_gated(struct host_spotter *spotter, const int16_t *pcm, const uint8_t *spoken, size_t hops,
                     const struct host_trace *trace)
{
    spotter->gate.voice = &spotter->voice;
    for (size_t hop = 0; hop < hops; hop++) {
        struct kws_detection detection = {UINT8_MAX, 0, 0};
        spotter->voice.detector.candidate = spoken[hop] ? 0 : KWS_NO_LABEL;
        kws_frontend_hop(&spotter->front.frontend, pcm + hop * features->hop_samples);
        (void)kws_gated_hop(&spotter->gate, &spotter->stream.kws, &spotter->front.frontend, &detection);
        keep(spotter, trace, hop, spotter->gate.awake_hops && !kws_asleep(&spotter->front.frontend), detection.label);
    }
}

void host_detect(struct host_spotter *spotter, const int16_t *logits, const uint8_t *awake, size_t hops, uint8_t *detected)
{
    struct kws *kws = &spotter->stream.kws;
    uint16_t *const posteriors = kws_scratch(&spotter->front.frontend);
    kws_detector_reset(kws);
    for (size_t hop = 0; hop < hops; hop++) {
        detected[hop] = UINT8_MAX;
        if (!awake[hop]) {
            kws_detector_rest(kws);
            continue;
        }
        kws_posteriors(logits + hop * model->labels, model->labels, posteriors);
        if (kws_detector_hop(kws, posteriors))
            detected[hop] = kws->detector.held_label;
    }
}

void host_step(struct host_spotter *spotter, int16_t *memory, size_t steps)
{
    void *const sums = kws_scratch(&spotter->front.frontend);
    for (size_t step = 0; step < steps; step++, memory += host_memory_codes())
        kws_network_step(model, memory, memory + features->bands, sums);
}

void host_stream(struct host_spotter *spotter, const int16_t *codes, size_t hops, int16_t *logits)
{
    int16_t *const memory = kws_memory(&spotter->stream.kws);
    for (size_t hop = 0; hop < hops; hop++) {
        kws_network_step(model, codes + hop * features->bands, memory, kws_scratch(&spotter->front.frontend));
        memcpy(logits + hop * model->labels, memory + model->memory_codes, model->labels * sizeof *logits);
    }
}
