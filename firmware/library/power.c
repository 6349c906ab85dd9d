/* Power: the spectrum of the real frame is untangled from the packed transform bin by bin, and squared in its place.
 *
 * With Z the packed transform of N/2 points and Z' = Z[N/2 - k]*, bin k of the frame is
 *     X[k] = (Z + Z') / 2 - j (Z - Z') / 2 * exp(-2 pi j k / N)                    (k < N/2) */
#include "frontend.h"
#include "kernels.h"

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
        kws_vector_store(low, bin_power(z, mirror, w));
#if KWS_BINS > KWS_FFT_COMPLEX / 2
        w.re = -w.re;
        kws_vector_store_apart(high, -1, bin_power(mirror, z, w));
#endif
    }
}
#else
/* |X|^2 from z = Z[k] / 2 and mirror = Z[N/2 - k] / 2. */
static inline struct kws_complex bin_power(struct kws_complex z, struct kws_complex mirror, struct kws_complex twiddle)
{
    const struct kws_complex even = {z.re + mirror.re, z.im - mirror.im};
    /* Half of the odd samples' transform, Q24.6, below 2^27.91. */
    const struct kws_complex odd = {(z.im >> 1) + (mirror.im >> 1), (mirror.re >> 1) - (z.re >> 1)};
    const struct kws_complex turned = kws_rotate_half(odd, twiddle);
    return kws_square(even.re + 4 * turned.re, even.im + 4 * turned.im);
}

/* A bin and its mirror image take each other's place as they are read; bin 0 counts for no band and is left alone. */
void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX])
{
    struct kws_complex *low = values + 1;
    const struct kws_complex *high = values + KWS_FFT_COMPLEX - 1, *twiddle = kws_twiddles + 1;
    while (low < high) {
        const struct kws_complex z = kws_load_complex(low, 0), mirror = kws_load_next_complex(&high, -1);
        const struct kws_complex w = kws_load_next_complex(&twiddle, 1);
        kws_store_next_complex(&low, bin_power(z, mirror, w));
#if KWS_BINS > KWS_FFT_COMPLEX / 2
        const struct kws_complex mirrored_w = {-w.re, w.im};
        values[high + 1 - values] = bin_power(mirror, z, mirrored_w);
#endif
    }
#if KWS_BINS > KWS_FFT_COMPLEX / 2
    *low = bin_power(*low, *low, *twiddle);
#endif
}
#endif
