/* Converts the bits of a PDM microphone to 16 kHz samples, in integers. */
#ifndef PDM_H
#define PDM_H

#include <stdint.h>

#include "models.h"

#define PDM_BITS_PER_SAMPLE 64 /* 1.024 MHz */
#define PDM_HOP_BYTES (HOP_SAMPLES * PDM_BITS_PER_SAMPLE / 8)
#define PDM_TAPS 47

struct pdm {
    uint32_t sums[4], combs[4];                              /* of the first filter; they wrap */
    int32_t halves[PDM_TAPS - 1 + 2 * HOP_SAMPLES];      /* its output at 32 kHz, Q0.17, the oldest first */
};

void pdm_begin(struct pdm *pdm);

/* Converts a hop of bits, the first of a byte in its lowest bit, to samples in Q0.17: a microphone's full scale is -131072
 * to 131072.  Below 6.5 kHz the gain is within 0.1 dB and aliases are at least 46 dB lower; the delay is 0.8 ms. */
void pdm_hop(struct pdm *pdm, const uint8_t bits[PDM_HOP_BYTES], int32_t samples[HOP_SAMPLES]);

#endif
