/* Kernels for Helium (MVE): two butterflies, or four bins, at once.  Each gives the same bits as the plain C that it
 * replaces. */
#ifndef KWS_FRONTEND_HELIUM_H
#define KWS_FRONTEND_HELIUM_H

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

/* Loads one word of each of two rotations; `rotations` holds their addresses, each twice.  Words 0, 2 and 4 are the factors'
 * cosines, each followed by its sine.  The offset is encoded in the instruction, so it must be constant at -O0 too. */
KWS_INLINE int32x4_t kws_two_load_word(uint32x4_t rotations, int word)
{
    switch (word) {
    case 0:
        return vldrwq_gather_base_s32(rotations, 0);
    case 1:
        return vldrwq_gather_base_s32(rotations, 4);
    case 2:
        return vldrwq_gather_base_s32(rotations, 8);
    case 3:
        return vldrwq_gather_base_s32(rotations, 12);
    case 4:
        return vldrwq_gather_base_s32(rotations, 16);
    default:
        return vldrwq_gather_base_s32(rotations, 20);
    }
}

/* Halves of two values, each rotated by a factor of its own rotation (kws_rotate_half): VMULH floors as kws_multiply_half
 * does, and VCADD by 270 degrees is {re + im', im - re'}. */
KWS_INLINE int32x4_t kws_two_rotate_half(int32x4_t values, uint32x4_t rotations, int factor)
{
    const int32x4_t by_cos = vmulhq_s32(values, kws_two_load_word(rotations, 2 * factor));
    const int32x4_t by_sin = vmulhq_s32(values, kws_two_load_word(rotations, 2 * factor + 1));
    return vcaddq_rot270_s32(by_cos, by_sin);
}

/* Two pairs of samples times their window factors (kws_windowed): sample * 2^16 times factor * 2^7, high word. */
KWS_INLINE int32x4_t kws_two_windowed(const int16_t *pairs, const struct kws_complex *window)
{
    return vmulhq_s32(vshlq_n_s32(vldrhq_s32(pairs), 16), kws_two_load(window));
}

/* Four complex values: real parts, imaginary parts. */
typedef struct {
    int32x4_t re, im;
} kws_complexes;

KWS_INLINE kws_complexes kws_complexes_load(const struct kws_complex *place)
{
    const int32x4x2_t value = vld2q_s32(&place->re);
    return (kws_complexes){value.val[0], value.val[1]};
}

/* place[0], place[step], place[2 * step] and place[3 * step]. */
KWS_INLINE kws_complexes kws_complexes_load_apart(const struct kws_complex *place, int step)
{
    const uint32x4_t offset = vmulq_n_u32(vidupq_n_u32(0, 8), (uint32_t)step);
    return (kws_complexes){vldrwq_gather_offset_s32(&place->re, offset), vldrwq_gather_offset_s32(&place->im, offset)};
}

KWS_INLINE void kws_complexes_store_apart(struct kws_complex *place, int step, kws_complexes value)
{
    const uint32x4_t offset = vmulq_n_u32(vidupq_n_u32(0, 8), (uint32_t)step);
    vstrwq_scatter_offset_s32(&place->re, offset, value.re);
    vstrwq_scatter_offset_s32(&place->im, offset, value.im);
}

/* kws_rotate_half. */
KWS_INLINE kws_complexes kws_complexes_rotate_half(kws_complexes value, kws_complexes w)
{
    const int32x4_t re = vmulhq_s32(value.re, w.re) + vmulhq_s32(value.im, w.im);
    const int32x4_t im = vmulhq_s32(value.im, w.re) - vmulhq_s32(value.re, w.im);
    return (kws_complexes){re, im};
}

/* kws_square of four values.  VHADD keeps the carry of the products' lower words: it is the sum's 33rd bit. */
KWS_INLINE kws_complexes kws_complexes_square(kws_complexes value)
{
    const uint32x4_t half = vhaddq_u32((uint32x4_t)vmulq_s32(value.re, value.re), (uint32x4_t)vmulq_s32(value.im, value.im));
    const int32x4_t high = vmulhq_s32(value.re, value.re) + vmulhq_s32(value.im, value.im);
    return (kws_complexes){high + (int32x4_t)vshrq_n_u32(half, 31), (int32x4_t)vshrq_n_u32(vshlq_n_u32(half, 1), 14)};
}

#endif
