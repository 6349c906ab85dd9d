/* Kernels for Helium (MVE): two butterflies, or four bins, at once.  Each has the bits of the plain C that it stands for. */
#ifndef KWS_HELIUM_H
#define KWS_HELIUM_H

#include <arm_mve.h>
#include <stdint.h>

#include "primitives.h"
#include "tables.h"

/* Two complex values are four lanes {re, im, re, im}. */

KWS_INLINE int32x4_t kws_two_load(const struct kws_complex *place)
{
    return vldrwq_s32(&place->re);
}

KWS_INLINE void kws_two_store(struct kws_complex *place, int32x4_t values)
{
    vstrwq_s32(&place->re, values);
}

/* Halves of two values, rotated by factors that lie a distance apart (kws_rotate_half): VMULH floors as
 * kws_multiply_half does, and VCADD by 270 degrees is {re + im', im - re'}. */
KWS_INLINE int32x4_t kws_two_rotate_half(int32x4_t values, const struct kws_complex *w, uint32x4_t apart)
{
    const int32x4_t by_cos = vmulhq_s32(values, vldrwq_gather_offset_s32(&w->re, apart));
    const int32x4_t by_sin = vmulhq_s32(values, vldrwq_gather_offset_s32(&w->im, apart));
    return vcaddq_rot270_s32(by_cos, by_sin);
}

/* Two pairs of samples times their factors of the window (kws_windowed): sample * 2^16 times factor * 2^7, high word. */
KWS_INLINE int32x4_t kws_two_windowed(const int16_t *pairs, const struct kws_complex *window)
{
    return vmulhq_s32(vshlq_n_s32(vldrhq_s32(pairs), 16), kws_two_load(window));
}

/* Four complex values: real parts, imaginary parts. */
typedef struct {
    int32x4_t re, im;
} kws_vector;

KWS_INLINE kws_vector kws_vector_load(const struct kws_complex *place)
{
    const int32x4x2_t value = vld2q_s32(&place->re);
    return (kws_vector){value.val[0], value.val[1]};
}

/* place[0], place[step], place[2 * step] and place[3 * step]. */
KWS_INLINE kws_vector kws_vector_load_apart(const struct kws_complex *place, int step)
{
    const uint32x4_t offset = vmulq_n_u32(vidupq_n_u32(0, 8), (uint32_t)step);
    return (kws_vector){vldrwq_gather_offset_s32(&place->re, offset), vldrwq_gather_offset_s32(&place->im, offset)};
}

KWS_INLINE void kws_vector_store(struct kws_complex *place, kws_vector value)
{
    const int32x4x2_t pair = {{value.re, value.im}};
    vst2q_s32(&place->re, pair);
}

KWS_INLINE void kws_vector_store_apart(struct kws_complex *place, int step, kws_vector value)
{
    const uint32x4_t offset = vmulq_n_u32(vidupq_n_u32(0, 8), (uint32_t)step);
    vstrwq_scatter_offset_s32(&place->re, offset, value.re);
    vstrwq_scatter_offset_s32(&place->im, offset, value.im);
}

/* kws_rotate_half. */
KWS_INLINE kws_vector kws_vector_rotate_half(kws_vector value, kws_vector w)
{
    const int32x4_t re = vmulhq_s32(value.re, w.re) + vmulhq_s32(value.im, w.im);
    const int32x4_t im = vmulhq_s32(value.im, w.re) - vmulhq_s32(value.re, w.im);
    return (kws_vector){re, im};
}

/* kws_square of four values: the parts of the two products are added with their carry. */
KWS_INLINE kws_vector kws_vector_square(kws_vector value)
{
    const uint32x4_t re = (uint32x4_t)vmulq_s32(value.re, value.re);
    const uint32x4_t low = re + (uint32x4_t)vmulq_s32(value.im, value.im);
    const int32x4_t high = vmulhq_s32(value.re, value.re) + vmulhq_s32(value.im, value.im);
    const mve_pred16_t carry = vcmphiq_u32(re, low);
    return (kws_vector){vaddq_m_n_s32(high, high, 1, carry), (int32x4_t)vshrq_n_u32(low, 14)};
}

#endif
