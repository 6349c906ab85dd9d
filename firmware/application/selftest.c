#include "selftest.h"

#include <string.h>

#include "crc32.h"
#include "kws_selftest.h"

#define HERTZ 268435u /* of phase a sample: 2^32 / 16000 */

/* In turn 128 ms of a voice, a sawtooth that rises from 80 to 330 Hz in the second, and 128 ms of noise; each swells
 * and fades. */
void selftest_hop(struct selftest_sound *sound, int16_t pcm[KWS_HOP_SAMPLES])
{
    for (int i = 0; i < KWS_HOP_SAMPLES; i++) {
        const uint32_t sample = sound->sample++;
        sound->phase += (80 + (sample >> 6)) * HERTZ;
        sound->noise = sound->noise * 1664525u + 1013904223u;
        const int32_t voice = (int32_t)(sound->phase >> 16) - 32768, hiss = (int32_t)(sound->noise >> 16) - 32768; /* Q0.15 */
        const int32_t swell = (int32_t)((sample & 1024 ? ~sample : sample) & 1023); /* UQ0.10 */
        const int32_t loud = sample & 2048 ? hiss : voice + hiss / 64; /* below 2^15.03 */
        pcm[i] = (int16_t)(loud * swell / 2048);                       /* Q0.15, at most half of full scale */
    }
}

void selftest_run(struct kws *kws, int16_t pcm[KWS_HOP_SAMPLES], struct selftest_result *result)
{
    struct selftest_sound sound = {0, 0, 0};
    struct kws_detection detection;
    const struct kws_network *network = &kws->network;
    memset(result, 0, sizeof *result);
    kws_reset(kws);
    for (int hop = 0; hop < SELFTEST_HOPS; hop++) {
        selftest_hop(&sound, pcm);
        (void)kws_hop(kws, pcm, &detection);
        result->features = crc32_add(result->features, network->codes, sizeof network->codes);
        result->states = crc32_add(result->states, network->memory, sizeof network->memory);
        result->logits = crc32_add(result->logits, network->logits, sizeof network->logits);
    }
    kws_reset(kws);
}

bool selftest_is_expected(const struct selftest_result *result)
{
    return result->features == KWS_SELFTEST_FEATURES && result->states == KWS_SELFTEST_STATES &&
           result->logits == KWS_SELFTEST_LOGITS;
}
