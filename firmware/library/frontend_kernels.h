/* Kernels of the front end's stages, each in the form that suits the core best; the same bits on every core. */
#ifndef KWS_FRONTEND_KERNELS_H
#define KWS_FRONTEND_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "primitives.h"
#include "tables.h"

#if defined(KWS_CORE_MAINLINE) && defined(__OPTIMIZE__)
#define KWS_OFFSETS /* encoded in instructions: they are constants only after inlining and propagation, so not at -O0 */
#endif

/* place[index], two words at once; index is a constant from -127 to 127. */
KWS_INLINE struct kws_complex kws_load_complex(const struct kws_complex *place, int index)
{
#ifdef KWS_OFFSETS
    struct kws_complex value;
    __asm__ volatile("ldrd %0, %1, [%2, %3]"
                     : "=r"(value.re), "=r"(value.im)
                     : "r"(place), "i"(index * (int)sizeof *place)
                     : "memory");
    return value;
#else
    return place[index];
#endif
}

KWS_INLINE void kws_store_complex(struct kws_complex *place, int index, struct kws_complex value)
{
#ifdef KWS_OFFSETS
    __asm__ volatile("strd %0, %1, [%2, %3]"
                     :
                     : "r"(value.re), "r"(value.im), "r"(place), "i"(index * (int)sizeof *place)
                     : "memory");
#else
    place[index] = value;
#endif
}

/* *place and the value after it; place advances by two if `advance`.  LDM needs ascending registers. */
KWS_INLINE void kws_load_two_complex(const struct kws_complex **place, bool advance, struct kws_complex *first,
                                     struct kws_complex *second)
{
#ifdef KWS_OFFSETS
    register int32_t first_re __asm__("r2"), first_im __asm__("r3"), second_re __asm__("r4"), second_im __asm__("r6");
    if (advance)
        __asm__ volatile("ldm %4!, {%0, %1, %2, %3}"
                         : "=r"(first_re), "=r"(first_im), "=r"(second_re), "=r"(second_im), "+r"(*place)
                         :
                         : "memory");
    else
        __asm__ volatile("ldm %4, {%0, %1, %2, %3}"
                         : "=r"(first_re), "=r"(first_im), "=r"(second_re), "=r"(second_im)
                         : "r"(*place)
                         : "memory");
    first->re = first_re, first->im = first_im;
    second->re = second_re, second->im = second_im;
#else
    *first = (*place)[0], *second = (*place)[1];
    *place += advance ? 2 : 0;
#endif
}

/* Returns *place and advances place by step (1 or -1). */
KWS_INLINE struct kws_complex kws_load_next_complex(const struct kws_complex **place, int step)
{
#ifdef KWS_OFFSETS
    struct kws_complex value;
    __asm__ volatile("ldrd %0, %1, [%2], %3"
                     : "=&r"(value.re), "=&r"(value.im), "+r"(*place)
                     : "i"(step * (int)sizeof **place)
                     : "memory");
    return value;
#else
    const struct kws_complex value = **place;
    *place += step;
    return value;
#endif
}

/* *place = value; place advances by step, a constant from -127 to 127. */
KWS_INLINE void kws_store_next_complex(struct kws_complex **place, int step, struct kws_complex value)
{
#ifdef KWS_OFFSETS
    __asm__ volatile("strd %1, %2, [%0], %3"
                     : "+r"(*place)
                     : "r"(value.re), "r"(value.im), "i"(step * (int)sizeof **place)
                     : "memory");
#else
    **place = value;
    *place += step;
#endif
}

/* sum + factor * value, for factor 1, 2, -1 or -2, in one instruction where the core has it. */
KWS_INLINE int32_t kws_add(int32_t sum, int32_t value, int factor)
{
#ifdef KWS_CORE_MAINLINE
    int32_t result;
    if (factor == 2) {
        __asm__("add %0, %1, %2, lsl #1" : "=r"(result) : "r"(sum), "r"(value));
        return result;
    }
    if (factor == -2) {
        __asm__("sub %0, %1, %2, lsl #1" : "=r"(result) : "r"(sum), "r"(value));
        return result;
    }
#endif
    return sum + factor * value;
}

/* sum + factor * value, for factor 1, 2, -1 or -2, where opposite is sum - factor * value: from opposite where that takes one
 * instruction, so that no register has to keep sum. */
KWS_INLINE int32_t kws_add_again(int32_t sum, int32_t value, int32_t opposite, int factor)
{
#ifdef KWS_OFFSETS
    int32_t result;
    (void)sum;
    if (factor > 0)
        __asm__("add %0, %1, %2, lsl %3" : "=r"(result) : "r"(opposite), "r"(value), "i"(factor));
    else
        __asm__("sub %0, %1, %2, lsl %3" : "=r"(result) : "r"(opposite), "r"(value), "i"(-factor));
    return result;
#else
    (void)opposite;
    return sum + factor * value;
#endif
}

/* Floored. */
static inline struct kws_complex kws_half(struct kws_complex value)
{
    const struct kws_complex halved = {value.re >> 1, value.im >> 1};
    return halved;
}

/* a + factor * b. */
KWS_INLINE struct kws_complex kws_plus(struct kws_complex a, struct kws_complex b, int factor)
{
    const struct kws_complex sum = {kws_add(a.re, b.re, factor), kws_add(a.im, b.im, factor)};
    return sum;
}

/* a + factor * j * b. */
KWS_INLINE struct kws_complex kws_plus_j(struct kws_complex a, struct kws_complex b, int factor)
{
    const struct kws_complex sum = {kws_add(a.re, b.im, -factor), kws_add(a.im, b.re, factor)};
    return sum;
}

/* kws_plus(a, b, factor), where opposite is kws_plus(a, b, -factor). */
KWS_INLINE struct kws_complex kws_plus_again(struct kws_complex a, struct kws_complex b, struct kws_complex opposite, int factor)
{
    const struct kws_complex sum = {
        kws_add_again(a.re, b.re, opposite.re, factor),
        kws_add_again(a.im, b.im, opposite.im, factor),
    };
    return sum;
}

/* kws_plus_j(a, b, factor), where opposite is kws_plus_j(a, b, -factor). */
KWS_INLINE struct kws_complex kws_plus_j_again(struct kws_complex a, struct kws_complex b, struct kws_complex opposite,
                                               int factor)
{
    const struct kws_complex sum = {
        kws_add_again(a.re, b.im, opposite.re, -factor),
        kws_add_again(a.im, b.re, opposite.im, factor),
    };
    return sum;
}

/* place[index], its first factor in .re and its second in .im; place advances by step, which is 0 for any index but 0. */
KWS_INLINE struct kws_complex kws_load_factors(const struct kws_window_pair **place, int index, int step)
{
#if defined(KWS_CORE_DSP) && !defined(KWS_CORE_HELIUM)
    const struct kws_complex *words = (const struct kws_complex *)*place;
    const struct kws_complex factors = step ? kws_load_next_complex(&words, step) : kws_load_complex(words, index);
    *place = (const struct kws_window_pair *)words;
#else
    const struct kws_complex factors = {(*place)[index].first, (*place)[index].second};
    *place += step;
#endif
    return factors;
}

/* An even and an odd sample times their window factors, floor(sample * factor / 2^9), Q24.7: at most 2^15 * 65535 / 2^9.  The
 * DSP extension multiplies 32 by 16 bits and drops the low 16 bits of the product; its factors are scaled to suit. */
KWS_INLINE struct kws_complex kws_windowed(const int16_t *pair, int32_t even, int32_t odd)
{
#if defined(KWS_CORE_DSP) && !defined(KWS_CORE_HELIUM)
    int32_t samples;
    __builtin_memcpy(&samples, pair, sizeof samples); /* a word load, aligned or not */
    struct kws_complex value;
    __asm__("smulwb %0, %1, %2" : "=r"(value.re) : "r"(even), "r"(samples));
    __asm__("smulwt %0, %1, %2" : "=r"(value.im) : "r"(odd), "r"(samples));
#else
    const struct kws_complex value = {(pair[0] * even) >> 9, (pair[1] * odd) >> 9};
#endif
    return value;
}

/* Radix-4 butterfly: the DFT of a, b, c, d, from a, c, b + d and b - d, stored in places[first], [first + span] and so on.
 * c, b + d and b - d are scaled by factor (1 or 2), a is not.  places advances by step, in the last store if first is 0. */
KWS_INLINE void kws_butterfly(struct kws_complex **places, int first, int span, int step, struct kws_complex a,
                              struct kws_complex c, struct kws_complex sum_bd, struct kws_complex difference_bd, int factor)
{
    const struct kws_complex sum_ac = kws_plus(a, c, factor), difference_ac = kws_plus_again(a, c, sum_ac, -factor);
    const struct kws_complex output_2 = kws_plus(sum_ac, sum_bd, -factor);
    const struct kws_complex output_0 = kws_plus_again(sum_ac, sum_bd, output_2, factor);
    const struct kws_complex output_1 = kws_plus_j(difference_ac, difference_bd, -factor);
    const struct kws_complex output_3 = kws_plus_j_again(difference_ac, difference_bd, output_1, factor);
    kws_store_complex(*places, first + 2 * span, output_2);
    kws_store_complex(*places, first + span, output_1);
    kws_store_complex(*places, first + 3 * span, output_3);
    if (first == 0) {
        kws_store_next_complex(places, step, output_0);
    } else {
        kws_store_complex(*places, first, output_0);
        *places += step;
    }
}

/* Half of value * (cos - j sin), where w holds cos and sin.  The value is the transform of a quarter of the frame or less,
 * below 2^27.91. */
static inline struct kws_complex kws_rotate_half(struct kws_complex value, struct kws_complex w)
{
    const struct kws_complex rotated = {
        kws_multiply_half_add(kws_multiply_half(value.re, w.re), value.im, w.im),
        kws_multiply_half(value.im, w.re) - kws_multiply_half(value.re, w.im),
    };
    return rotated;
}

/* Rotates two values and returns the sum and the difference of their halves. */
static inline void kws_rotate_pair(struct kws_complex b, struct kws_complex wb, struct kws_complex d,
                                   struct kws_complex wd, struct kws_complex *sum, struct kws_complex *difference)
{
#ifdef KWS_CORE_DSP
    /* Products of both values accumulate into the sum; the difference is 2 b - sum. */
    const int32_t re = kws_multiply_half_add(kws_multiply_half(b.re, wb.re), b.im, wb.im);
    const int32_t im_cos = kws_multiply_half(b.im, wb.re), re_sin = kws_multiply_half(b.re, wb.im);
    sum->re = kws_multiply_half_add(kws_multiply_half_add(re, d.re, wd.re), d.im, wd.im);
    sum->im = kws_multiply_half_add(im_cos, d.im, wd.re) - kws_multiply_half_add(re_sin, d.re, wd.im);
    difference->re = 2 * re - sum->re;
    difference->im = 2 * (im_cos - re_sin) - sum->im;
#else
    const struct kws_complex b_half = kws_rotate_half(b, wb), d_half = kws_rotate_half(d, wd);
    *sum = kws_plus(b_half, d_half, 1);
    *difference = kws_plus(b_half, d_half, -1);
#endif
}

/* (re^2 + im^2) / 2^14, floored, in two parts.  re and im are Q24.7 and together below 2^29.91 (kws_complex), so the
 * power, in squared int16 units, is below 2^45.9. */
static inline struct kws_complex kws_square(int32_t re, int32_t im)
{
    /* Sign by sign: a square has none. */
    /*@ assert re <= 0 || re >= 0; */
    /*@ assert im <= 0 || im >= 0; */
#ifdef KWS_CORE_MAINLINE
    uint32_t low, high;
    __asm__("smull %0, %1, %2, %2\n\t"
            "smlal %0, %1, %3, %3"
            : "=&r"(low), "=&r"(high)
            : "r"(im), "r"(re));
#else
    const uint64_t square = (uint64_t)((int64_t)re * re + (int64_t)im * im);
    const uint32_t low = (uint32_t)square, high = (uint32_t)(square >> 32);
#endif
    const struct kws_complex power = {(int32_t)high, (int32_t)(low >> 14)};
    return power;
}

#define KWS_LOW_BITS 18 /* a power is high * 2^KWS_LOW_BITS + low */

/* Sums over the bins of a segment: power and rise * power, in squared int16 units, UQ47.16 by Parseval. */
struct kws_segment {
    uint64_t whole, rising;
};

KWS_INLINE struct kws_segment kws_gather(const struct kws_complex **power, const uint16_t **rise, int count)
{
    uint32_t high = 0, low = 0;
    uint64_t high_rising = 0, low_rising = 0;
    const uint16_t *next = *rise;
    for (*rise += count; next != *rise;) {
        const struct kws_complex p = kws_load_next_complex(power, 1);
        const uint32_t factor = *next++;
        high += (uint32_t)p.re;
        low += (uint32_t)p.im;
        high_rising += (uint64_t)(uint32_t)p.re * factor;
        low_rising += (uint64_t)(uint32_t)p.im * factor;
    }
    const uint64_t rising = (high_rising << KWS_LOW_BITS) + low_rising;
    const struct kws_segment sums = {((uint64_t)high << (KWS_LOW_BITS + 16)) + ((uint64_t)low << 16), rising};
    return sums;
}

#endif
