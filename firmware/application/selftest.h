/* A second of made-up sound through the whole path, from a fresh stream: the results must equal those that the host computed
 * with the same library and model (kws_selftest.h).  It tells a wrong image from a wrong microphone. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "models.h"

#define SELFTEST_HOPS (1000 / HOP_MS)

/* Generated hop by hop, so that it takes no flash; firmware/image/selftest.py generates the same. */
struct selftest_sound {
    uint32_t sample; /* made so far */
    uint32_t phase;  /* of the voice, 2^-32 periods */
    uint32_t noise;
};

/* CRC-32 over the features, the layers' memory and the logits that each hop left, hop after hop. */
struct selftest_result {
    uint32_t features, states, logits;
};

/* Generates the next hop; the struct is all zeros before the first. */
void selftest_hop(struct selftest_sound *sound, int16_t pcm[HOP_SAMPLES]);

/* Runs one of the listeners on a new stream of its own; every listener's stream must be reset afterwards.  pcm is
 * scratch. */
void selftest_run(uint8_t listener, int16_t pcm[HOP_SAMPLES], struct selftest_result *result);

bool selftest_is_expected(uint8_t listener, const struct selftest_result *result);

#endif
