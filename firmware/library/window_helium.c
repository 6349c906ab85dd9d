/* window.c for Helium: two butterflies at once. */
#include "frontend.h"

#ifdef KWS_CORE_HELIUM
#include <stdbool.h>

#include "frontend_helium.h"

#define LEG (KWS_FFT_COMPLEX / 4)
#define RUN (LEG / 4)

KWS_INLINE const int16_t *pair_at(const int16_t *history, const int16_t *pcm, int pair, int hop_samples)
{
    const int samples = KWS_FRAME_SAMPLES - hop_samples;
    return 2 * pair < samples ? history + 2 * pair : pcm + (2 * pair - samples);
}

KWS_INLINE void butterflies(const int16_t *history, const int16_t *pcm, int run, int hop_samples, bool is_padded,
                            struct kws_complex *frame)
{
    const int16_t *a = pair_at(history, pcm, run * RUN, hop_samples), *b = pair_at(history, pcm, run * RUN + LEG, hop_samples);
    const int16_t *c = pair_at(history, pcm, run * RUN + 2 * LEG, hop_samples);
    const int16_t *d = pair_at(history, pcm, run * RUN + 3 * LEG, hop_samples);
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

KWS_INLINE void window(const int16_t *history, const int16_t *pcm, int hop_samples, struct kws_complex *frame)
{
    for (int run = 0; run < 3; run++)
        butterflies(history, pcm, run, hop_samples, false, frame);
    butterflies(history, pcm, 3, hop_samples, true, frame);
}

void kws_window_10ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[KWS_FFT_COMPLEX])
{
    window(history, pcm, 160, frame);
}

void kws_window_20ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[KWS_FFT_COMPLEX])
{
    window(history, pcm, 320, frame);
}

#endif
