/* Two models on one front end, heard hop by hop for tests/measure/long.py.  model: 0 or 1. */
#include <string.h>

#include "kws.h"

#include "commands-20k/kws_model.h"
#include "commands-6k/kws_model.h"
#include "long_stream.h"
#include "memory.h"

struct long_stream {
    struct kws_commands_20k_frontend front; /* of the same size as the other model's */
    struct kws_commands_6k_stream first;
    struct kws_commands_20k_stream second;
};

size_t long_bytes(void)
{
    return sizeof(struct long_stream);
}

int long_begin(struct long_stream *stream)
{
    struct kws_frontend *const front = &stream->front.frontend;
    const enum kws_status first = kws_init(&stream->first.kws, &kws_commands_6k_model, &kws_commands_6k_features, front);
    return first != KWS_OK || kws_commands_20k_init(&stream->second, &stream->front) != KWS_OK;
}

static struct kws *kws_of(struct long_stream *stream, int model)
{
    return model ? &stream->second.kws : &stream->first.kws;
}

void long_reset_front(struct long_stream *stream, uint32_t hops)
{
    kws_frontend_reset(&stream->front.frontend);
    stream->front.frontend.hops = hops;
}

void long_reset(struct long_stream *stream, int model)
{
    kws_reset(kws_of(stream, model));
}

void long_set_threshold(struct long_stream *stream, int model, uint8_t label, uint16_t threshold)
{
    kws_set_threshold(kws_of(stream, model), label, threshold);
}

void long_memory(struct long_stream *stream, int model, int16_t *memory, uint16_t *smoothed)
{
    struct kws *const kws = kws_of(stream, model);
    const struct kws_features *const features = stream->front.frontend.features;
    memcpy(memory, kws_codes(&stream->front.frontend), features->bands * sizeof *memory);
    memcpy(memory + features->bands, kws_memory(kws), ((size_t)kws->model->memory_codes + kws->model->labels) * sizeof *memory);
    memcpy(smoothed, kws_smoothed(kws), kws->model->keywords * sizeof *smoothed);
}

void long_hear(struct long_stream *stream, const int16_t *pcm, size_t hops, const struct long_trace *trace)
{
    struct kws_frontend *const front = &stream->front.frontend;
    for (size_t hop = 0; hop < hops; hop++) {
        kws_frontend_hop(front, pcm + hop * front->features->hop_samples);
        for (uint8_t band = 0; band < front->features->bands; band++)
            trace->codes[hop * front->features->bands + band] = (int8_t)kws_codes(front)[band];
        for (int model = 0; model < 2; model++) {
            struct kws_detection detection = {UINT8_MAX, 0, 0};
            kws_hop(kws_of(stream, model), front, &detection);
            trace->detected[2 * hop + (size_t)model] = detection.label;
            trace->time_ms[2 * hop + (size_t)model] = detection.time_ms;
        }
    }
}
