/* A complex FFT of 256 points in place: radix 4, decimation in time; the first stage is done with the window
 * (window.c), the output is in natural order.  32-bit data in Q24.7, twiddles of 17 fraction bits; nothing is rescaled
 * but the output, which is halved (see kws_complex).  A product is floored in units of 2^-6, far below what one level
 * can see; what limits the transform is the twiddles' rounding, by which a full-scale tone shows faint images of
 * itself (docs/front-end.md). */
#ifndef __ARM_ARCH_6M__ /* whose FFT is fft_armv6m.S */
#include "frontend.h"
#include "kernels.h"

#ifdef __ARM_FEATURE_MVE
#include "helium.h"
#endif

static struct kws_complex half(struct kws_complex value)
{
    const struct kws_complex halved = {value.re >> 1, value.im >> 1};
    return halved;
}

KWS_INLINE void plain_butterfly(struct kws_complex *places, int first, int span)
{
    const struct kws_complex b = kws_load_complex(places, first + span), d = kws_load_complex(places, first + 3 * span);
    const struct kws_complex sum = kws_plus(b, d, 1), difference = kws_plus(b, d, -1);
    kws_butterfly(places, first, span, kws_load_complex(places, first), kws_load_complex(places, first + 2 * span), sum, difference, 1);
}

#ifdef __ARM_FEATURE_MVE
/* Inputs are rotated, all but those of butterfly 0, and doubled again unless the outputs are to be halved. */
KWS_INLINE int32x4_t rotated(const struct kws_complex *place, const struct kws_complex *w, uint32x4_t apart, bool has_first,
                             bool halve)
{
    const int32x4_t values = kws_two_load(place), half_rotated = kws_two_rotate_half(values, w, apart);
    if (halve)
        return half_rotated;
    const int32x4_t doubled = vshlq_n_s32(half_rotated, 1);
    return has_first ? vpselq_s32(values, doubled, vctp32q(2)) : doubled;
}

KWS_INLINE void two_butterflies(struct kws_complex *places, int span, const struct kws_complex *w, uint32x4_t apart,
                                bool has_first, bool halve)
{
    const int32x4_t b = rotated(places + span, w, apart, has_first, halve);
    const int32x4_t d = rotated(places + 3 * span, w + 2, apart, has_first, halve);
    const int32x4_t c = rotated(places + 2 * span, w + 1, apart, has_first, halve);
    const int32x4_t whole = kws_two_load(places), a = halve ? vshrq_n_s32(whole, 1) : whole;
    kws_two_store(places, (a + c) + (b + d));
    kws_two_store(places + 2 * span, (a + c) - (b + d));
    kws_two_store(places + span, vcaddq_rot270_s32(a - c, b - d));
    kws_two_store(places + 3 * span, vcaddq_rot90_s32(a - c, b - d));
}

/* Offsets of the factors of two neighbouring butterflies. */
KWS_INLINE uint32x4_t factors_apart(int span)
{
    const uint32_t distance = (uint32_t)(KWS_FFT_COMPLEX / 4 / span) * sizeof(struct kws_rotation);
    const uint32x4_t apart = {0, 0, distance, distance};
    return apart;
}

KWS_INLINE void stage(struct kws_complex values[KWS_FFT_COMPLEX], int span)
{
    struct kws_complex *const end = values + KWS_FFT_COMPLEX;
    const uint32x4_t apart = factors_apart(span);
    for (struct kws_complex *places = values; places < end; places += 4 * span)
        two_butterflies(places, span, kws_rotations[0].factor, apart, true, false);
    for (int i = 2; i < span; i += 2)
        for (struct kws_complex *places = values + i; places < end; places += 4 * span)
            two_butterflies(places, span, kws_rotations[KWS_FFT_COMPLEX / 4 / span * i].factor, apart, false, false);
}

/* Butterfly 0 is done by itself: its halves are of exact values. */
static inline void last_stage(struct kws_complex values[KWS_FFT_COMPLEX])
{
    const int span = KWS_FFT_COMPLEX / 4;
    struct kws_complex first[4];
    for (int i = 0; i < 4; i++)
        first[i] = values[i * span];
    plain_butterfly(first, 0, 1);
    const uint32x4_t apart = factors_apart(span);
    for (int i = 0; i < span; i += 2)
        two_butterflies(values + i, span, kws_rotations[i].factor, apart, false, true);
    for (int i = 0; i < 4; i++)
        values[i * span] = half(first[i]);
}
#else
/* The later three inputs are rotated first.  Halved outputs leave no factor 2 to the rotated inputs' halves, and a / 2 + n
 * is a + 2 n halved, exactly. */
KWS_INLINE void rotated_butterfly(struct kws_complex *places, int first, int span, const struct kws_rotation *w, bool halve)
{
    struct kws_complex sum, difference;
    kws_rotate_pair(kws_load_complex(places, first + span), kws_load_complex(w->factor, 0), kws_load_complex(places, first + 3 * span),
                    kws_load_complex(w->factor, 2), &sum, &difference);
    const struct kws_complex c = kws_rotate_half(kws_load_complex(places, first + 2 * span), kws_load_complex(w->factor, 1));
    const struct kws_complex a = kws_load_complex(places, first);
    kws_butterfly(places, first, span, halve ? half(a) : a, c, sum, difference, halve ? 1 : 2);
}

KWS_INLINE void stage(struct kws_complex values[KWS_FFT_COMPLEX], int span)
{
    struct kws_complex *const end = values + KWS_FFT_COMPLEX;
    for (struct kws_complex *places = values; places < end; places += 4 * span)
        plain_butterfly(places, 0, span);
    for (int i = 1; i < span; i++) {
        const struct kws_rotation *w = &kws_rotations[KWS_FFT_COMPLEX / 4 / span * i];
        for (struct kws_complex *places = values + i; places < end; places += 4 * span)
            rotated_butterfly(places, 0, span, w, false);
    }
}

/* Each set of factors serves one butterfly, whose places are within reach of the middle between them. */
static inline void last_stage(struct kws_complex values[KWS_FFT_COMPLEX])
{
    const int span = KWS_FFT_COMPLEX / 4, first = -3 * span / 2;
    struct kws_complex *places = values - first;
    plain_butterfly(places, first, span);
    for (int i = 0; i < 4; i++)
        values[i * span] = half(values[i * span]);
    for (const struct kws_rotation *w = kws_rotations + 1; w < kws_rotations + span; w++)
        rotated_butterfly(++places, first, span, w, true);
}
#endif

void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX])
{
    stage(values, 4);
    stage(values, 16);
    last_stage(values);
}
#endif
