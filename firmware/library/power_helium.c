/* power.c for Helium: four bins at once. */
#include "frontend.h"

#ifdef KWS_CORE_HELIUM
#include <stdbool.h>

#include "frontend_helium.h"

/* Four bins. */
static inline kws_complexes bin_power(kws_complexes z, kws_complexes mirror, kws_complexes w)
{
    const int32x4_t even_re = z.re + mirror.re, even_im = z.im - mirror.im;
    const kws_complexes odd = {vshrq_n_s32(z.im, 1) + vshrq_n_s32(mirror.im, 1),
                               vshrq_n_s32(mirror.re, 1) - vshrq_n_s32(z.re, 1)};
    const kws_complexes turned = kws_complexes_rotate_half(odd, w);
    return kws_complexes_square((kws_complexes){even_re + vshlq_n_s32(turned.re, 2), even_im + vshlq_n_s32(turned.im, 2)});
}

KWS_INLINE void power_spectrum(struct kws_complex *values, bool wide)
{
    for (int k = 1; k < KWS_FFT_COMPLEX / 2; k += 4) {
        struct kws_complex *low = values + k, *high = values + KWS_FFT_COMPLEX - k;
        const kws_complexes z = kws_complexes_load(low), mirror = kws_complexes_load_apart(high, -1);
        kws_complexes w = kws_complexes_load(kws_twiddles + k);
        kws_complexes_store_apart(low, 1, bin_power(z, mirror, w));
        if (wide) {
            w.re = -w.re;
            kws_complexes_store_apart(high, -1, bin_power(mirror, z, w));
        }
    }
}

void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX])
{
    power_spectrum(values, false);
}

void kws_power_spectrum_wide(struct kws_complex values[KWS_FFT_COMPLEX])
{
    power_spectrum(values, true);
}

#endif
