/* A second of made-up sound through the whole path, from a fresh stream: what comes out must be what the host computed
 * with the same library and model (kws_selftest.h).  It tells a wrong image from a wrong microphone. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "kws.h"

#define SELFTEST_HOPS (1000 / KWS_HOP_MS)

/* Made as it is heard, so that it takes no flash; firmware/image/selftest.py makes the same. */
struct selftest_sound {
    uint32_t sample; /* made so far */
    uint32_t phase;  /* of the voice, 2^-32 periods */
    uint32_t noise;
};

/* CRC-32 over what each hop left in struct kws_network, hop after hop. */
struct selftest_result {
    uint32_t features, states, logits;
};

/* From a sound of zeros: the next hop. */
void selftest_hop(struct selftest_sound *sound, int16_t pcm[KWS_HOP_SAMPLES]);

/* Begins a new stream before and after; pcm is scratch. */
void selftest_run(struct kws *kws, int16_t pcm[KWS_HOP_SAMPLES], struct selftest_result *result);

bool selftest_is_expected(const struct selftest_result *result);

#endif
