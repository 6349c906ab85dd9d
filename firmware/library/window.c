/* Window, and the FFT's first stage while the samples are in registers: 480 samples times a periodic Hann, padded
 * with zeros to 512, are 256 complex values (even samples real, odd imaginary); butterfly i takes the values i, i + 64,
 * i + 128 and i + 192, which need no twiddle factor yet, and leaves its four outputs side by side where the next
 * stage wants them.  Neither the windowed frame nor a table of reversed digits exists. */
#include "frontend.h"
#include "kernels.h"

#ifdef __ARM_FEATURE_MVE
#include "helium.h"
#endif

#define LEG (KWS_FFT_COMPLEX / 4) /* pairs of samples from one input of a butterfly to the next */
#define RUN (LEG / 4) /* butterflies; the inputs of one leg of a run all lie in the history or all in the hop */
#define MIDDLE (3 * LEG / 2) /* from where every leg is within reach of one pointer */

static inline const int16_t *pair_at(const int16_t *history, const int16_t *pcm, int pair)
{
    return 2 * pair < KWS_HISTORY_SAMPLES ? history + 2 * pair : pcm + (2 * pair - KWS_HISTORY_SAMPLES);
}

/* The butterflies i of one run; the last leg of the last run is padding.  The place of butterfly i is four times i with
 * its base-4 digits reversed. */
#ifdef __ARM_FEATURE_MVE
KWS_INLINE void butterflies(const int16_t *history, const int16_t *pcm, int run, bool is_padded, struct kws_complex *frame)
{
    const int16_t *a = pair_at(history, pcm, run * RUN), *b = pair_at(history, pcm, run * RUN + LEG);
    const int16_t *c = pair_at(history, pcm, run * RUN + 2 * LEG), *d = pair_at(history, pcm, run * RUN + 3 * LEG);
    const struct kws_complex *factor = kws_window + run * RUN, *const end = factor + RUN;
    const uint64x2_t apart = {0, 64 * sizeof *frame};
    struct kws_complex *place = frame + 4 * run;
    for (; factor < end; factor += 2) {
        const int32x4_t va = kws_two_windowed(a, factor), vc = kws_two_windowed(c, factor + 2 * LEG);
        const int32x4_t vb = kws_two_windowed(b, factor + LEG);
        const int32x4_t vd = is_padded ? vdupq_n_s32(0) : kws_two_windowed(d, factor + 3 * LEG);
        vstrdq_scatter_offset_s64((int64_t *)place, apart, (int64x2_t)((va + vc) + (vb + vd)));
        vstrdq_scatter_offset_s64((int64_t *)(place + 1), apart, (int64x2_t)vcaddq_rot270_s32(va - vc, vb - vd));
        vstrdq_scatter_offset_s64((int64_t *)(place + 2), apart, (int64x2_t)((va + vc) - (vb + vd)));
        vstrdq_scatter_offset_s64((int64_t *)(place + 3), apart, (int64x2_t)vcaddq_rot90_s32(va - vc, vb - vd));
        a += 4, b += 4, c += 4, d += 4;
        place += 2 * 64;
        if (place >= frame + KWS_FFT_COMPLEX)
            place -= KWS_FFT_COMPLEX - 16;
    }
}
#else
KWS_INLINE void butterflies(const int16_t *history, const int16_t *pcm, int run, bool is_padded,
                            struct kws_complex *frame)
{
    const int16_t *a = pair_at(history, pcm, run * RUN), *b = pair_at(history, pcm, run * RUN + LEG);
    const int16_t *c = pair_at(history, pcm, run * RUN + 2 * LEG), *d = pair_at(history, pcm, run * RUN + 3 * LEG);
    const struct kws_complex *factor = kws_window + MIDDLE + run * RUN, *const end = factor + RUN;
    struct kws_complex *place = frame + 4 * run;
    for (; factor < end; factor++) {
        const struct kws_complex va = kws_windowed(a, factor, -MIDDLE), vc = kws_windowed(c, factor, 2 * LEG - MIDDLE);
        const struct kws_complex vb = kws_windowed(b, factor, LEG - MIDDLE);
        struct kws_complex sum = vb, difference = vb;
        if (!is_padded) {
            const struct kws_complex vd = kws_windowed(d, factor, 3 * LEG - MIDDLE);
            sum = kws_plus(vb, vd, 1), difference = kws_plus(vb, vd, -1);
            d += 2;
        }
        kws_butterfly(place, 0, 1, va, vc, sum, difference, 1);
        a += 2, b += 2, c += 2;
        place += 64;
        if (place >= frame + KWS_FFT_COMPLEX)
            place -= KWS_FFT_COMPLEX - 16;
    }
}
#endif

void kws_window_frame(const int16_t history[KWS_HISTORY_SAMPLES], const int16_t pcm[KWS_HOP_SAMPLES],
                      struct kws_complex frame[KWS_FFT_COMPLEX])
{
    for (int run = 0; run < 3; run++)
        butterflies(history, pcm, run, false, frame);
    butterflies(history, pcm, 3, true, frame);
}
