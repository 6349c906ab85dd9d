/* A complex FFT of 256 points in place: radix 4, decimation in time; the first stage is done with the window (window.c), the
 * output is in natural order.  32-bit data in Q24.7, twiddles of 17 fraction bits; only the output is rescaled: it is halved
 * (see kws_complex).  Products are floored in units of 2^-6, far below the resolution of a level.  The rounding of the
 * twiddles limits the accuracy: a full-scale tone shows faint images of itself (docs/front-end.md). */
#include "frontend.h"
#include "frontend_kernels.h"

#if !defined(KWS_CORE_BASELINE) && !defined(KWS_CORE_HELIUM) /* those have fft_armv6m.S and fft_helium.S */

KWS_INLINE void plain_butterfly(struct kws_complex **places, int first, int span, int step)
{
    const struct kws_complex b = kws_load_complex(*places, first + span), d = kws_load_complex(*places, first + 3 * span);
    const struct kws_complex sum = kws_plus(b, d, 1), difference = kws_plus(b, d, -1);
    const struct kws_complex a = kws_load_complex(*places, first), c = kws_load_complex(*places, first + 2 * span);
    kws_butterfly(places, first, span, step, a, c, sum, difference, 1);
}

/* The last three inputs are rotated first, which gives their halves n.  An output is a + 2 n; halved, it is a / 2 + n,
 * exactly the half of a + 2 n.  In the last stage, where outputs are halved, w advances to the next factors. */
KWS_INLINE void rotated_butterfly(struct kws_complex **places, int first, int span, int step, const struct kws_complex **w,
                                  bool is_last)
{
    struct kws_complex wb, wd, sum, difference;
    kws_load_two_complex(w, is_last, &wb, &wd);
    kws_rotate_pair(kws_load_complex(*places, first + span), wb, kws_load_complex(*places, first + 3 * span), wd, &sum,
                    &difference);
    const struct kws_complex wc = is_last ? kws_load_next_complex(w, 1) : kws_load_complex(*w, 2);
    const struct kws_complex c = kws_rotate_half(kws_load_complex(*places, first + 2 * span), wc);
    const struct kws_complex a = kws_load_complex(*places, first);
    kws_butterfly(places, first, span, step, is_last ? kws_half(a) : a, c, sum, difference, is_last ? 1 : 2);
}

KWS_INLINE void stage(struct kws_complex values[KWS_FFT_COMPLEX], int span)
{
    struct kws_complex *places = values, *const end = values + KWS_FFT_COMPLEX;
    while (places < end)
        plain_butterfly(&places, 0, span, 4 * span);
    for (int i = 1; i < span; i++) {
        const struct kws_complex *w = kws_rotations[KWS_FFT_COMPLEX / 4 / span * i].factor;
        for (places -= KWS_FFT_COMPLEX - 1; places < end;)
            rotated_butterfly(&places, 0, span, 4 * span, &w, false);
    }
}

KWS_INLINE void halve(struct kws_complex *place, int index)
{
    kws_store_complex(place, index, kws_half(kws_load_complex(place, index)));
}

/* Each set of factors serves one butterfly.  `places` points to the middle of its values, so that all four are within
 * reach. */
static inline void last_stage(struct kws_complex values[KWS_FFT_COMPLEX])
{
    const int span = KWS_FFT_COMPLEX / 4, first = -3 * span / 2;
    struct kws_complex *places = values - first;
    plain_butterfly(&places, first, span, 0);
    halve(places, first);
    halve(places, first + span);
    halve(places, first + 2 * span);
    halve(places, first + 3 * span);
    places++;
    for (const struct kws_complex *w = kws_rotations[1].factor; w < kws_rotations[span - 1].factor + 3;)
        rotated_butterfly(&places, first, span, 1, &w, true);
}

void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX])
{
    stage(values, 4);
    stage(values, 16);
    last_stage(values);
}

#endif
