/* power.c for Helium: four bins at once. */
#include "frontend.h"

#ifdef __ARM_FEATURE_MVE
#include "helium.h"

/* Four bins. */
static inline kws_vector bin_power(kws_vector z, kws_vector mirror, kws_vector w)
{
    const int32x4_t even_re = z.re + mirror.re, even_im = z.im - mirror.im;
    const kws_vector odd = {vshrq_n_s32(z.im, 1) + vshrq_n_s32(mirror.im, 1),
                            vshrq_n_s32(mirror.re, 1) - vshrq_n_s32(z.re, 1)};
    const kws_vector turned = kws_vector_rotate_half(odd, w);
    return kws_vector_square((kws_vector){even_re + vshlq_n_s32(turned.re, 2), even_im + vshlq_n_s32(turned.im, 2)});
}

void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX])
{
    for (int k = 1; k < KWS_FFT_COMPLEX / 2; k += 4) {
        struct kws_complex *low = values + k, *high = values + KWS_FFT_COMPLEX - k;
        const kws_vector z = kws_vector_load(low), mirror = kws_vector_load_apart(high, -1);
        kws_vector w = kws_vector_load(kws_twiddles + k);
        kws_vector_store_apart(low, 1, bin_power(z, mirror, w));
#if KWS_BINS > KWS_FFT_COMPLEX / 2
        w.re = -w.re;
        kws_vector_store_apart(high, -1, bin_power(mirror, z, w));
#endif
    }
}

#endif
