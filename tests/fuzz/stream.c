/* Front end, network and detector of several models: any sound, any thresholds, any state of a cell, resets between hops. */
#include <string.h>

#include "bytes.h"
#include "listeners.h"
#include "memory.h"

kws_layer_step kws_gru_step, kws_lstm_step, kws_rnn_step, kws_ssm_step;

enum { HOP, SILENCE, STATE, THRESHOLD, POINT, RESET, FRONTEND_RESET, ASK, ELSEWHERE, ACTIONS };

static void check(const struct listener *listener, const struct kws_detection *detection)
{
    require(detection->label < listener->keywords && (detection->posterior <= 32768 || listener->anomalies));
    require(detection->posterior >= kws_threshold(listener->kws, detection->label));
}

static void hop(const struct listener *listener, const int16_t *pcm)
{
    struct kws_detection detection;
    kws_frontend_hop(listener->frontend, pcm);
    (void)kws_asleep(listener->frontend);
    const bool gated = GATED && listener->gate;
    if (gated)
        (void)listeners[0].hop(listeners[0].kws, listener->frontend, NULL);
    if (gated ? kws_gated_hop(listener->gate, listener->kws, listener->frontend, &detection)
              : listener->hop(listener->kws, listener->frontend, &detection))
        check(listener, &detection);
    for (uint8_t label = 0; label < listener->keywords; label++)
        require(kws_posterior(listener->kws, label) <= 32768 || listener->anomalies);
}

/* The memories of cells, over the full range of their codes; those of other layers have smaller ones. */
static void set_states(const struct listener *listener, struct bytes *bytes)
{
    kws_layer_step *const cells[] = {kws_gru_step, kws_lstm_step, kws_rnn_step, kws_ssm_step};
    const struct kws_layer *layer = listener->model->layers, *const end = layer + listener->model->layer_count;
    for (int16_t *memory = kws_memory(listener->kws); layer < end; memory += layer++->memory_codes)
        for (int cell = 0; cell < 4; cell++)
            if (layer->step == cells[cell])
                take_pattern(bytes, memory, layer->memory_codes * sizeof *memory);
}

/* A front end of other features refuses a model, whose stream then begins anew. */
static void begin_elsewhere(const struct listener *listener, const struct listener *other)
{
    const enum kws_status status = kws_init(listener->kws, listener->model, listener->features, other->frontend);
    require((status == KWS_OK) == (listener->features == other->features));
    if (status != KWS_OK)
        require(listeners_begin());
}

static void act(const struct listener *listener, struct bytes *bytes)
{
    const uint8_t action = take_byte(bytes);
    int16_t pcm[HOP_SAMPLES] = {0};
    uint8_t label;
    switch (action % ACTIONS) {
    case HOP:
        take_pattern(bytes, pcm, sizeof pcm);
        for (int times = action / ACTIONS; times >= 0; times--)
            hop(listener, pcm);
        break;
    case SILENCE:
        hop(listener, pcm);
        break;
    case STATE:
        set_states(listener, bytes);
        break;
    case THRESHOLD:
        label = take_byte(bytes);
        require((kws_set_threshold(listener->kws, label, take_word(bytes)) == KWS_OK) == (label < listener->keywords));
        break;
    case POINT:
        label = take_byte(bytes);
        require((kws_set_operating_point(listener->kws, label) == KWS_OK) == (label < listener->points));
        break;
    case RESET:
        kws_reset(listener->kws);
        break;
    case FRONTEND_RESET:
        kws_frontend_reset(listener->frontend);
        break;
    case ELSEWHERE:
        begin_elsewhere(listener, &listeners[take_byte(bytes) % MODELS]);
        break;
    default:
        label = take_byte(bytes);
        require(!kws_label(listener->kws, label)[0] == (label >= (listener->anomalies ? 2 : listener->model->labels)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, data + size};
    const struct listener *const listener = &listeners[take_byte(&bytes) % MODELS];
    require(listeners_begin());
    while (bytes.next < bytes.end)
        act(listener, &bytes);
    return 0;
}
