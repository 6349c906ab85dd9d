/* fft.c for Helium: two butterflies at once. */
#include "frontend.h"

#ifdef KWS_CORE_HELIUM
#include "frontend_kernels.h"
#include "frontend_helium.h"

KWS_INLINE void plain_butterfly(struct kws_complex *places, int first, int span)
{
    const struct kws_complex b = kws_load_complex(places, first + span), d = kws_load_complex(places, first + 3 * span);
    const struct kws_complex sum = kws_plus(b, d, 1), difference = kws_plus(b, d, -1);
    const struct kws_complex a = kws_load_complex(places, first), c = kws_load_complex(places, first + 2 * span);
    kws_butterfly(&places, first, span, 0, a, c, sum, difference, 1);
}

/* Rotates the inputs, except those of butterfly 0, and doubles them again unless the outputs are to be halved. */
KWS_INLINE int32x4_t rotated(const struct kws_complex *place, uint32x4_t rotations, int factor, bool has_first, bool halve)
{
    const int32x4_t values = kws_two_load(place), half_rotated = kws_two_rotate_half(values, rotations, factor);
    if (halve)
        return half_rotated;
    const int32x4_t doubled = vshlq_n_s32(half_rotated, 1);
    return has_first ? vpselq_s32(values, doubled, vctp32q(2)) : doubled;
}

KWS_INLINE void two_butterflies(struct kws_complex *places, int span, uint32x4_t rotations, bool has_first, bool halve)
{
    const int32x4_t b = rotated(places + span, rotations, 0, has_first, halve);
    const int32x4_t d = rotated(places + 3 * span, rotations, 1, has_first, halve);
    const int32x4_t c = rotated(places + 2 * span, rotations, 2, has_first, halve);
    const int32x4_t whole = kws_two_load(places), a = halve ? vshrq_n_s32(whole, 1) : whole;
    kws_two_store(places, (a + c) + (b + d));
    kws_two_store(places + 2 * span, (a + c) - (b + d));
    kws_two_store(places + span, vcaddq_rot270_s32(a - c, b - d));
    kws_two_store(places + 3 * span, vcaddq_rot90_s32(a - c, b - d));
}

/* Addresses of the rotations of butterflies 0 and 1. */
KWS_INLINE uint32x4_t first_rotations(int span)
{
    const uint32_t first = (uint32_t)kws_rotations, second = (uint32_t)(kws_rotations + KWS_FFT_COMPLEX / 4 / span);
    const uint32x4_t rotations = {first, first, second, second};
    return rotations;
}

KWS_INLINE uint32x4_t next_rotations(uint32x4_t rotations, int span)
{
    return rotations + (uint32_t)(2 * KWS_FFT_COMPLEX / 4 / span * (int)sizeof(struct kws_rotation));
}

KWS_INLINE void stage(struct kws_complex values[KWS_FFT_COMPLEX], int span)
{
    uint32x4_t rotations = first_rotations(span);
    struct kws_complex *places = values;
    for (int count = KWS_FFT_COMPLEX / 4 / span; count > 0; count--, places += 4 * span)
        two_butterflies(places, span, rotations, true, false);
    for (int i = 2; i < span; i += 2) {
        rotations = next_rotations(rotations, span);
        places = values + i;
        for (int count = KWS_FFT_COMPLEX / 4 / span; count > 0; count--, places += 4 * span)
            two_butterflies(places, span, rotations, false, false);
    }
}

/* Butterfly 0 is computed separately: its outputs are exact until they are halved. */
static inline void last_stage(struct kws_complex values[KWS_FFT_COMPLEX])
{
    const int span = KWS_FFT_COMPLEX / 4;
    struct kws_complex first[4];
    for (int i = 0; i < 4; i++)
        first[i] = values[i * span];
    plain_butterfly(first, 0, 1);
    uint32x4_t rotations = first_rotations(span);
    for (int i = 0; i < span; i += 2) {
        two_butterflies(values + i, span, rotations, false, true);
        rotations = next_rotations(rotations, span);
    }
    for (int i = 0; i < 4; i++)
        values[i * span] = kws_half(first[i]);
}

void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX])
{
    stage(values, 4);
    stage(values, 16);
    last_stage(values);
}

#endif
