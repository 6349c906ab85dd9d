/* Whether a hop is worth hearing, decided from its energy before anything else.
 *
 * A hop is loud if the level, the energy smoothed over about 40 ms, is above one and a half times the sum of the floor, which
 * the level of a steady background seldom falls below, and a margin, which a microphone's own noise does not reach.  The front
 * end sleeps from a second after the last loud hop until the next one. */
#ifndef KWS_GATE_H
#define KWS_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct kws_level_gate {
    uint32_t floor;      /* of the background's level */
    uint32_t level;      /* energy, smoothed: a hop of 20 ms has half of the weight, one of 10 ms a quarter */
    uint16_t awake_hops; /* until it sleeps; 0: it sleeps */
    uint16_t begun;      /* 0: the next hop is the first of a stream */
};

#define KWS_LONG_HOP_SAMPLES 320 /* 20 ms */

/* A second: how long a gate stays open after what opened it. */
static inline uint8_t kws_awake_hops(int hop_samples)
{
    return hop_samples == KWS_LONG_HOP_SAMPLES ? 50 : 100;
}

#define KWS_GATE_CODES (sizeof(struct kws_level_gate) / sizeof(int16_t))

/* Hears pcm [hop_samples].  Returns whether the front end is awake. */
bool kws_gate_hop(struct kws_level_gate *gate, const int16_t *pcm, int hop_samples);

#endif
