/* Four lanes in a vector register; lanes.h explains the terms. */
#ifndef KWS_LANES_HELIUM_H
#define KWS_LANES_HELIUM_H

#include <arm_mve.h>

enum { KWS_LANES = 4 };
typedef int32x4_t kws_lanes;
typedef mve_pred16_t kws_mask;

static inline kws_mask kws_mask_of(int left)
{
    return vctp32q((uint32_t)left);
}

static inline kws_lanes kws_load(const int32_t *from, kws_mask mask)
{
    return vldrwq_z_s32(from, mask);
}

static inline kws_lanes kws_load_int16(const int16_t *from, kws_mask mask)
{
    return vldrhq_z_s32(from, mask);
}

static inline kws_lanes kws_load_uint16(const uint16_t *from, kws_mask mask)
{
    return vreinterpretq_s32_u32(vldrhq_z_u32(from, mask));
}

static inline kws_lanes kws_load_int8(const int8_t *from, kws_mask mask)
{
    return vldrbq_z_s32(from, mask);
}

static inline kws_lanes kws_load_uint8(const uint8_t *from, kws_mask mask)
{
    return vreinterpretq_s32_u32(vldrbq_z_u32(from, mask));
}

/* table[index] of each lane. */
static inline kws_lanes kws_look_up(const uint16_t *table, kws_lanes index)
{
    return vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(table, vreinterpretq_u32_s32(index)));
}

static inline void kws_store_int16(int16_t *to, kws_lanes values, kws_mask mask)
{
    vstrhq_p_s32(to, values, mask);
}

static inline void kws_store_uint8(uint8_t *to, kws_lanes values, kws_mask mask)
{
    vstrbq_p_u32(to, vreinterpretq_u32_s32(values), mask);
}

static inline kws_lanes kws_saturate16(kws_lanes values)
{
#ifdef __clang__
    /* clang 14 treats the result of the intrinsics below as 0. */
    __asm__("vqmovnb.s32 %q0, %q0\n\tvmovlb.s16 %q0, %q0" : "+w"(values));
    return values;
#else
    return vmovlbq_s16(vqmovnbq_s32(vreinterpretq_s16_s32(values), values));
#endif
}

/* 2 * value, saturated; |value| <= 2^30. */
static inline kws_lanes kws_saturate16_twice(kws_lanes values)
{
    return kws_saturate16(2 * values);
}

static inline kws_lanes kws_shift_right(kws_lanes values, int shift)
{
    return vshlq_r_s32(values, -shift);
}

/* round(value / 2^shift), ties up. */
static inline kws_lanes kws_shift_right_rounded(kws_lanes values, int shift)
{
    return vrshlq_n_s32(values, -shift);
}

/* round(a * b / 2^15), ties up; 0 <= a < 2^15, |a * b| < 2^31 - 2^14. */
static inline kws_lanes kws_multiply_q15(kws_lanes a, kws_lanes b)
{
    return vqrdmulhq_s32(a << 16, b);
}

/* The same for |b| <= 2^24. */
static inline kws_lanes kws_multiply_q15_long(kws_lanes a, kws_lanes b)
{
    return kws_multiply_q15(a, b);
}

#endif
