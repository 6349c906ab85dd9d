/* stand-in */
#ifndef PDM_H
#define PDM_H
#include <stdint.h>
#include "kws.h"
#define PDM_BITS_PER_SAMPLE 64
struct pdm { uint32_t sum[3], last[3]; };
void pdm_begin(struct pdm *pdm);
void pdm_hop(struct pdm *pdm, const uint8_t bits[KWS_HOP_SAMPLES * PDM_BITS_PER_SAMPLE / 8], int16_t pcm[KWS_HOP_SAMPLES]);
#endif
