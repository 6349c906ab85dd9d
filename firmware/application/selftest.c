#include "selftest.h"

#include <string.h>

#include "crc32.h"
#include "kws_selftest.h"
#include "listeners.h"
#include "memory.h"

/* Alternates 128 ms of a voice (a sawtooth that rises from 80 to 330 Hz within the second) with 128 ms of noise; each swells
 * and fades. */
void selftest_hop(struct selftest_sound *sound, int16_t pcm[HOP_SAMPLES])
{
    for (int i = 0; i < HOP_SAMPLES; i++) {
        const uint32_t sample = sound->sample++;
        sound->phase += (80 + (sample >> 6)) * SELFTEST_PHASE_PER_HZ;
        sound->noise = sound->noise * 1664525u + 1013904223u;
        const int32_t voice = (int32_t)(sound->phase >> 16) - 32768, hiss = (int32_t)(sound->noise >> 16) - 32768; /* Q0.15 */
        const int32_t swell = (int32_t)((sample & 1024 ? ~sample : sample) & 1023); /* UQ0.10 */
        const int32_t loud = sample & 2048 ? hiss : voice + hiss / 64; /* below 2^15.03 */
        pcm[i] = (int16_t)(loud * swell / 2048);                       /* Q0.15, at most half of full scale */
    }
}

void selftest_run(uint8_t listener, int16_t pcm[HOP_SAMPLES], struct selftest_result *result)
{
    const struct listener *const tested = &listeners[listener];
    const struct kws_model *const model = tested->model;
    struct selftest_sound sound = {0, 0, 0};
    memset(result, 0, sizeof *result);
    kws_frontend_reset(tested->frontend);
    kws_reset(tested->kws);
    const int16_t *const codes = kws_codes(tested->frontend), *const memory = kws_memory(tested->kws);
    for (int hop = 0; hop < SELFTEST_HOPS; hop++) {
        selftest_hop(&sound, pcm);
        for (uint16_t heard = 0; heard < HOP_SAMPLES; heard = (uint16_t)(heard + tested->hop_samples)) {
            kws_frontend_hop(tested->frontend, pcm + heard);
            (void)tested->hop(tested->kws, tested->frontend, NULL);
            result->features = crc32_add(result->features, codes, tested->features->bands * (uint32_t)sizeof *codes);
            result->states = crc32_add(result->states, memory, model->memory_codes * (uint32_t)sizeof *memory);
            result->logits = crc32_add(result->logits, memory + model->memory_codes, model->labels * (uint32_t)sizeof *memory);
        }
    }
}

bool selftest_is_expected(uint8_t listener, const struct selftest_result *result)
{
    static const struct selftest_result expected[MODELS] = KWS_SELFTEST;
    return !memcmp(&expected[listener], result, sizeof *result);
}
