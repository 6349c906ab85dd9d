/* log.c for Helium: the levels of four bands at once. */
#include "frontend.h"

#ifdef KWS_CORE_HELIUM
#include <arm_mve.h>

/* The codes of four energies, given by their low and high words. */
static inline int32x4_t log_codes(uint32x4_t low, uint32x4_t high)
{
    const uint32x4_t carry = vshrq_n_u32(vhaddq_n_u32(low, KWS_ENERGY_FLOOR), 31); /* VHADD keeps the sum's 33rd bit */
    high = vaddq_u32(high, carry);
    low = vaddq_n_u32(low, KWS_ENERGY_FLOOR);
    const int32x4_t high_zeros = vreinterpretq_s32_u32(vclzq_u32(high)), low_zeros = vreinterpretq_s32_u32(vclzq_u32(low));
    const int32x4_t zeros = vaddq_m_s32(high_zeros, high_zeros, low_zeros, vcmpeqq_n_u32(high, 0)); /* 16 or more */
    /* The value times 2^(zeros - 32), whose top bit is set: a shift of 32 or more, either way, leaves 0. */
    const uint32x4_t mantissa = vorrq_u32(vshlq_u32(high, zeros), vshlq_u32(low, vsubq_n_s32(zeros, 32)));
    const uint32x4_t index = vshrq_n_u32(vshlq_n_u32(mantissa, 1), 27), fraction = vshrq_n_u32(vshlq_n_u32(mantissa, 6), 16);
    const uint32x4_t knot = vldrhq_gather_shifted_offset_u32(kws_log2_table, index);
    const uint32x4_t next = vldrhq_gather_shifted_offset_u32(kws_log2_table + 1, index);
    const uint32x4_t rise = vmovlbq_u16(vreinterpretq_u16_u32(vsubq_u32(next, knot))); /* modulo 2^16 */
    const uint32x4_t above = vaddq_u32(knot, vshrq_n_u32(vmulq_u32(rise, fraction), 16));
    /* The exponent is 63 - zeros. */
    const uint32x4_t log = vsubq_u32(vaddq_n_u32(above, (63u << 16) - (KWS_ENERGY_FLOOR_LOG2 << 5)),
                                     vreinterpretq_u32_s32(vshlq_n_s32(zeros, 16)));
    const uint32x4_t level = vrshrq_n_u32(vmulq_n_u32(vshrq_n_u32(log, 5), KWS_LOG_GAIN), 23);
    return vreinterpretq_s32_u32(vsubq_n_u32(vminq_u32(level, vdupq_n_u32(255)), 128));
}

void kws_log_codes(const uint64_t *energies, int bands, int16_t *codes)
{
    for (; bands > 0; bands -= 4, energies += 4, codes += 4) {
        const uint32x4x2_t energy = vld2q_u32((const uint32_t *)energies);
        vstrhq_p_s32(codes, log_codes(energy.val[0], energy.val[1]), vctp32q((uint32_t)bands));
    }
}

#endif
