/* A diagonal selective state-space cell, in the line of S6 (Mamba, arXiv:2312.00752, theorem 1):
 *     v = tanh(Wv x + bv)      z = sigmoid(Wz x + bz)      s' = s + z (v - s)
 * Memory: s in Q0.23, first the upper 16 bits of each unit, Q0.15, which are the output, then the lower 8: a slow unit
 * moves by less than 2^-15 a hop, and would stand still in 16 bits.  s is a mean of values within 1, so it never
 * saturates. */
#include "gates.h"
#include "layer.h"

kws_layer_step kws_ssm_step;

void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int16_t *preactivations)
{
    uint8_t *lower = (uint8_t *)(upper + layer->units);
    kws_preactivate(layer, input, upper, preactivations);
    const int16_t *sum = preactivations;
    for (int unit = 0; unit < layer->units; unit++, sum += 2) {
        const int32_t v = kws_tanh(sum[0]);
        const int32_t z = kws_sigmoid(sum[1]);
        const int32_t s = upper[unit] * 256 + lower[unit];
        /* z (v - s), rounded, in 32 bits: the difference, Q0.23 and below 2^24, in its upper 17 bits and its lower 8.
         * |z * upper| <= 32767 * 65536, and at most 32767 * 255 / 256 more. */
        const int32_t difference = v * 256 - s;
        const int32_t change = z * (difference >> 8) + ((z * (difference & 255)) >> 8);
        const int32_t next = s + ((change + 64) >> 7);
        upper[unit] = (int16_t)(next >> 8);
        lower[unit] = (uint8_t)(next & 255);
    }
}
