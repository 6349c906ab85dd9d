#include "listeners.h"

/* Whether a listener is the first of those that share its front end. */
static bool is_first(uint8_t place)
{
    return place == 0 || listeners[place].frontend != listeners[place - 1].frontend;
}

bool listeners_begin(void)
{
    for (const struct listener *listener = listeners; listener < listeners + MODELS; listener++)
        if (kws_init(listener->kws, listener->model, listener->features, listener->frontend) != KWS_OK)
            return false;
    return true;
}

void listeners_reset(void)
{
    for (const struct listener *listener = listeners; listener < listeners + MODELS; listener++) {
        kws_frontend_reset(listener->frontend);
        kws_reset(listener->kws);
        if (GATED && listener->gate)
            listener->gate->awake_hops = 0;
    }
}

static bool listener_hop(const struct listener *listener, struct kws_detection *detection)
{
    return GATED && listener->gate ? kws_gated_hop(listener->gate, listener->kws, listener->frontend, detection)
                                   : listener->hop(listener->kws, listener->frontend, detection);
}

/* Returns the place after the last listener that shares the front end of `first`. */
static uint8_t hear_together(uint8_t first, const int16_t *pcm, void (*hear)(uint8_t, const struct kws_detection *))
{
    uint8_t place = first;
    kws_frontend_hop(listeners[first].frontend, pcm);
    do {
        struct kws_detection detection;
        const bool detected = listener_hop(&listeners[place], &detection);
        hear(place, detected ? &detection : NULL);
        place++;
    } while (place < MODELS && !is_first(place));
    return place;
}

void listeners_hop(const int16_t pcm[HOP_SAMPLES], void (*hear)(uint8_t listener, const struct kws_detection *detection))
{
    for (uint8_t first = 0, next = 0; first < MODELS; first = next) {
        const uint16_t samples = listeners[first].hop_samples;
        for (uint16_t heard = 0; heard < HOP_SAMPLES; heard = (uint16_t)(heard + samples))
            next = hear_together(first, pcm + heard, hear);
    }
}
