/* Two filters: a fourth-order CIC filter (sums and differences, no multiplication) down to 32 kHz, then a symmetric FIR
 * filter down to 16 kHz, which also compensates the first filter's droop. */
#include "pdm.h"

#include <string.h>

#define BYTES_PER_HALF 4          /* 32 bits, 32 kHz */
#define FULL_SCALE_SHIFT 20       /* of 32^4 sums */
#define HALF_SHIFT 2              /* from 2^19 to Q0.17 */
#define TAP_SHIFT 12

/* Q3.12, from the middle outwards: least squares against 1 / the first filter up to 6.9 kHz, 0 from 9.1 (tests/test_pdm.py). */
static const int16_t taps[PDM_TAPS / 2 + 1] = {2278, 1406, -113, -590, -26, 339, 53, -215, -57, 141, 53, -92,
                                               -46,  57,   37,   -34,  -28, 18,  20, -7,   -13, 1,   7,  3};

void pdm_begin(struct pdm *pdm)
{
    memset(pdm, 0, sizeof *pdm);
}

static int32_t take_half(struct pdm *pdm, const uint8_t *bits)
{
    uint32_t first = pdm->sums[0], second = pdm->sums[1], third = pdm->sums[2], fourth = pdm->sums[3];
    for (uint8_t i = 0; i < BYTES_PER_HALF; i++)
        for (uint32_t byte = bits[i] | 0x100u; byte > 1; byte >>= 1) {
            first += byte & 1u;
            second += first;
            third += second;
            fourth += third;
        }
    pdm->sums[0] = first;
    pdm->sums[1] = second;
    pdm->sums[2] = third;
    pdm->sums[3] = fourth;
    for (uint8_t order = 0; order < 4; order++) {
        const uint32_t before = pdm->combs[order];
        pdm->combs[order] = fourth;
        fourth -= before;
    }
    return ((int32_t)fourth - (1 << (FULL_SCALE_SHIFT - 1))) / (1 << HALF_SHIFT);
}

void pdm_hop(struct pdm *pdm, const uint8_t bits[PDM_HOP_BYTES], int32_t samples[HOP_SAMPLES])
{
    int32_t *const fresh = pdm->halves + PDM_TAPS - 1;
    for (uint16_t i = 0; i < 2 * HOP_SAMPLES; i++)
        fresh[i] = take_half(pdm, bits + BYTES_PER_HALF * i);
    for (uint16_t i = 0; i < HOP_SAMPLES; i++) {
        const int32_t *const middle = pdm->halves + 2 * i + PDM_TAPS / 2 + 1;
        int32_t sum = taps[0] * middle[0]; /* Q2.29 */
        for (int8_t k = 1; k <= PDM_TAPS / 2; k++)
            sum += taps[k] * (middle[k] + middle[-k]);
        samples[i] = sum >> TAP_SHIFT;
    }
    memmove(pdm->halves, pdm->halves + 2 * HOP_SAMPLES, (PDM_TAPS - 1) * sizeof *pdm->halves);
}
