/* The posteriors of detector.c for Helium: four labels at once. */
#include "detector.h"
#include "tables.h"

#ifdef KWS_CORE_HELIUM
#include <arm_mve.h>

/* exp_minus of four distances: a shift by 16 or more leaves 0. */
static inline uint32x4_t exp_minus(uint32x4_t distance)
{
    const uint32x4_t power = vshrq_n_u32(vmulq_n_u32(distance, KWS_LOG2_E), 14);
    const uint32x4_t index = vandq_u32(vshrq_n_u32(power, 5), vdupq_n_u32(31)), fraction = vandq_u32(power, vdupq_n_u32(31));
    const uint32x4_t knot = vldrhq_gather_shifted_offset_u32(kws_exp2_table, index);
    const uint32x4_t next = vldrhq_gather_shifted_offset_u32(kws_exp2_table + 1, index);
    const uint32x4_t value = vsubq_u32(knot, vshrq_n_u32(vmulq_u32(vsubq_u32(knot, next), fraction), 5));
    return vshlq_u32(value, vnegq_s32(vreinterpretq_s32_u32(vshrq_n_u32(power, 10))));
}

void kws_posteriors(const int16_t *logits, int labels, uint16_t *posteriors)
{
    int16_t highest = INT16_MIN;
    for (int label = 0; label < labels; label += 8) {
        const mve_pred16_t mask = vctp16q((uint32_t)(labels - label));
        highest = vmaxvq_p_s16(highest, vldrhq_z_s16(logits + label, mask), mask);
    }
    uint32_t sum = 0;
    for (int label = 0; label < labels; label += 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)(labels - label));
        const int32x4_t distance = vsubq_s32(vdupq_n_s32(highest), vldrhq_z_s32(logits + label, mask));
        const uint32x4_t power = exp_minus(vreinterpretq_u32_s32(distance));
        vstrhq_p_u32(posteriors + label, power, mask);
        sum = vaddvaq_p_u32(sum, power, mask);
    }
    const uint32_t reciprocal = (1u << 30) / sum;
    for (int label = 0; label < labels; label += 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)(labels - label));
        const uint32x4_t power = vldrhq_z_u32(posteriors + label, mask);
        vstrhq_p_u32(posteriors + label, vshrq_n_u32(vmulq_n_u32(power, reciprocal), 15), mask);
    }
}

#endif
