/* Eight units of a state-space cell at once, for Helium: gates in lanes of 16 bits, states in two vectors of four.  Each lane
 * computes what ssm.c and gates.h do. */
#ifndef KWS_SSM_HELIUM_H
#define KWS_SSM_HELIUM_H

#include "gates.h"
#include "layer_kernels.h"

/* kws_requantize of four units, before it saturates. */
KWS_INLINE int32x4_t kws_four_requantized(const struct kws_gate *gate, int unit)
{
    const int32x4_t shifted = vshlq_r_s32(vldrwq_s32(gate->sums + unit), -gate->scaling.accumulator_shift);
    const int32x4_t product = shifted * vreinterpretq_s32_u32(vldrhq_u32(gate->multiplier + unit));
    return vrshlq_n_s32(product, -gate->scaling.right_shift);
}

/* The pre-activations of eight units: 0 and 4, 1 and 5, 2 and 6, 3 and 7. */
KWS_INLINE int16x8_t kws_eight_preactivations(const struct kws_gate *gate, int unit)
{
    const int16x8_t first = vqmovnbq_s32(vdupq_n_s16(0), kws_four_requantized(gate, unit));
    return vqmovntq_s32(first, kws_four_requantized(gate, unit + 4));
}

/* kws_sigmoid: VMULH of the difference and fraction * 2^7 is their product / 2^9, floored. */
KWS_INLINE uint16x8_t kws_eight_sigmoids(int16x8_t input)
{
    const uint16x8_t index = vreinterpretq_u16_s16(vaddq_n_s16(vshrq_n_s16(input, 9), 64));
    const uint16x8_t fraction = vreinterpretq_u16_s16(vshlq_n_s16(input, 7));
    const uint16x8_t first = vldrhq_gather_shifted_offset_u16(kws_sigmoid_table, index);
    const uint16x8_t second = vldrhq_gather_shifted_offset_u16(kws_sigmoid_table + 1, index);
    return first + vmulhq_u16(second - first, fraction);
}

/* kws_tanh. */
KWS_INLINE int16x8_t kws_eight_tanhs(int16x8_t input)
{
    const uint16x8_t sigmoids = kws_eight_sigmoids(vqaddq_s16(input, input));
    return vreinterpretq_s16_u16(vsubq_n_u16(vshlq_n_u16(sigmoids, 1), INT16_MAX));
}

/* The next states of four units; v * 2^8 and z * 2^16. */
KWS_INLINE void kws_four_states(int16_t *upper, uint8_t *lower, int32x4_t v, int32x4_t z)
{
    const int32x4_t s = vsliq_n_s32(vreinterpretq_s32_u32(vldrbq_u32(lower)), vldrhq_s32(upper), 8);
    const int32x4_t next = s + vqrdmulhq_s32(z, v - s);
    vstrhq_s32(upper, vshrq_n_s32(next, 8));
    vstrbq_u32(lower, vreinterpretq_u32_s32(next));
}

/* Returns how many units it has stepped: a multiple of eight. */
KWS_INLINE int kws_ssm_eights(const struct kws_gate *v_gate, const struct kws_gate *z_gate, int units, int16_t *upper,
                              uint8_t *lower)
{
    int unit = 0;
    for (; unit + 8 <= units; unit += 8) {
        const int16x8_t v = kws_eight_tanhs(kws_eight_preactivations(v_gate, unit));
        const int16x8_t z = vreinterpretq_s16_u16(kws_eight_sigmoids(kws_eight_preactivations(z_gate, unit)));
        kws_four_states(upper + unit, lower + unit, vshllbq_n_s16(v, 8), vshllbq_n_s16(z, 16));
        kws_four_states(upper + unit + 4, lower + unit + 4, vshlltq_n_s16(v, 8), vshlltq_n_s16(z, 16));
    }
    return unit;
}

#endif
