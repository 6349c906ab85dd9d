/* A diagonal selective state-space cell, after S6 (Mamba, arXiv:2312.00752, theorem 1):
 *     v = tanh(Wv x + bv)      z = sigmoid(Wz x + bz)      s' = s + z (v - s)
 * Memory: s in Q0.23, first the upper 16 bits of each unit (Q0.15, the output), then the lower 8.  In 16 bits a slow unit,
 * which moves by less than 2^-15 a hop, would stand still.  s is a mean of values within 1, so it never saturates. */
#include <stddef.h>

#include "gates.h"
#include "layer_kernels.h"

kws_layer_step kws_ssm_step;

/* Those have ssm_helium.S, ssm_armv7m.S and ssm_armv6m.S. */
#if !defined(KWS_CORE_HELIUM) && !defined(KWS_CORE_BASELINE) && !(defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED))

void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int32_t *sums)
{
    const int units = layer->units;
    const struct kws_gate v_gate = kws_gate_of(layer, sums, 0), z_gate = kws_gate_of(layer, sums, 1);
    uint8_t *lower = (uint8_t *)(upper + units);
    kws_accumulate(layer, input, NULL, sums);
    for (int unit = 0; unit < units; unit += KWS_LANES) {
        const kws_mask mask = kws_mask_of(units - unit);
        const kws_lanes v = kws_tanh(kws_wide_preactivation(&v_gate, unit, mask));
        const kws_lanes z = kws_sigmoid(kws_preactivation(&z_gate, unit, mask));
        const kws_lanes s = kws_load_int16(upper + unit, mask) * 256 + kws_load_uint8(lower + unit, mask);
        const kws_lanes next = s + kws_multiply_q15_long(z, v * 256 - s);
        kws_store_int16(upper + unit, next >> 8, mask);
        kws_store_uint8(lower + unit, next & 255, mask);
    }
}

#endif
