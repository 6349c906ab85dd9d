#include "pdm.h"
void pdm_begin(struct pdm *pdm)
{
    for (int i = 0; i < 3; i++)
        pdm->sum[i] = pdm->last[i] = 0;
}
void pdm_hop(struct pdm *pdm, const uint8_t bits[KWS_HOP_SAMPLES * PDM_BITS_PER_SAMPLE / 8], int16_t pcm[KWS_HOP_SAMPLES])
{
    uint32_t a = pdm->sum[0], b = pdm->sum[1], c = pdm->sum[2];
    for (int i = 0; i < KWS_HOP_SAMPLES; i++) {
        for (int k = 0; k < 8; k++) {
            uint32_t byte = *bits++;
            for (int j = 0; j < 8; j++) {
                a += byte & 1;
                b += a;
                c += b;
                byte >>= 1;
            }
        }
        uint32_t value = c;
        for (int k = 0; k < 3; k++) {
            const uint32_t before = pdm->last[k];
            pdm->last[k] = value;
            value -= before;
        }
        const int32_t centred = ((int32_t)value - 131072) / 4;
        pcm[i] = (int16_t)(centred > 32767 ? 32767 : centred);
    }
    pdm->sum[0] = a, pdm->sum[1] = b, pdm->sum[2] = c;
}
