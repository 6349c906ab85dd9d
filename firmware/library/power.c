/* Power: the spectrum of the real frame is untangled from the packed transform bin by bin, and squared in place.
 *
 * With Z the packed transform of N/2 points and Z' = Z[N/2 - k]*, bin k of the frame is
 *     X[k] = (Z + Z') / 2 - j (Z - Z') / 2 * exp(-2 pi j k / N)                    (k < N/2) */
#include "frontend.h"
#include "frontend_kernels.h"

#if !defined(KWS_CORE_BASELINE) && !defined(KWS_CORE_HELIUM) /* those have power_armv6m.S and power_helium.S */

/* |X|^2 from z = Z[k] / 2 and mirror = Z[N/2 - k] / 2, whose parts are below 2^28.92, as far as intervals tell. */
/*@ requires -507000000 <= z.re <= 507000000 && -507000000 <= z.im <= 507000000;
  @ requires -507000000 <= mirror.re <= 507000000 && -507000000 <= mirror.im <= 507000000;
  @ assigns \nothing; */
static inline struct kws_complex bin_power(struct kws_complex z, struct kws_complex mirror, struct kws_complex twiddle)
{
    /* Sign by sign: the parts that even and odd have in common do not reach opposite ends. */
    /*@ assert z.re <= 0 || z.re >= 0; */
    /*@ assert z.im <= 0 || z.im >= 0; */
    /*@ assert mirror.re <= 0 || mirror.re >= 0; */
    /*@ assert mirror.im <= 0 || mirror.im >= 0; */
    const struct kws_complex even = {z.re + mirror.re, z.im - mirror.im};
    /* Half of the odd samples' transform, Q24.6, below 2^27.91. */
    const struct kws_complex odd = {(z.im >> 1) + (mirror.im >> 1), (mirror.re >> 1) - (z.re >> 1)};
    const struct kws_complex turned = kws_rotate_half(odd, twiddle);
    return kws_square(even.re + 4 * turned.re, even.im + 4 * turned.im);
}

/* A bin and its mirror image are read together, then replaced by their powers (the mirror image only if wide).  Bin 0
 * belongs to no band and is left alone. */
KWS_INLINE void power_spectrum(struct kws_complex *values, bool wide)
{
    struct kws_complex *low = values + 1;
    const struct kws_complex *high = values + KWS_FFT_COMPLEX - 1, *twiddle = kws_twiddles + 1;
    while (low < high) {
        /* In this order: in others GCC 12 copies a pointer before it loads through it. */
        const struct kws_complex z = kws_load_complex(low, 0), w = kws_load_next_complex(&twiddle, 1);
        const struct kws_complex mirror = kws_load_next_complex(&high, -1);
        kws_store_next_complex(&low, 1, bin_power(z, mirror, w));
        if (wide) {
            const struct kws_complex mirrored_w = {-w.re, w.im};
            values[high + 1 - values] = bin_power(mirror, z, mirrored_w);
        }
    }
    if (wide)
        *low = bin_power(*low, *low, *twiddle);
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
