/* Power: the spectrum of the real frame is untangled from the packed transform bin by bin, and squared in its place.
 *
 * With Z the packed transform of N/2 points and Z' = Z[N/2 - k]*, bin k of the frame is
 *     X[k] = (Z + Z') / 2 - j (Z - Z') / 2 * exp(-2 pi j k / N)                    (k < N/2) */
#include "frontend.h"
#include "kernels.h"

#ifndef __ARM_FEATURE_MVE /* power_helium.c */

/* |X|^2 from z = Z[k] / 2 and mirror = Z[N/2 - k] / 2. */
static inline struct kws_complex bin_power(struct kws_complex z, struct kws_complex mirror, struct kws_complex twiddle)
{
#ifdef __ARM_ARCH_6M__
    /* As below, in seven low registers beside a pointer; a power's low part has 16 bits.  With re = 2^15 a + c and
     * im = 2^15 b + d the sums of products are 2^30 times at most 2^29.9, 2^16 times 2^30.5, and 2^31. */
    int32_t even_re, even_im, t;
    __asm__(".syntax unified\n"
            "adds %[t], %[zr], %[mr]\n mov %[even_re], %[t]\n subs %[t], %[zi], %[mi]\n mov %[even_im], %[t]\n"
            "asrs %[zi], #1\n asrs %[mi], #1\n adds %[zi], %[mi]\n" /* odd.re */
            "asrs %[mr], #1\n asrs %[zr], #1\n subs %[mr], %[zr]\n" /* odd.im */
            "lsls %[zr], %[zi], #18\n lsrs %[zr], #18\n asrs %[zi], #14\n"
            "movs %[mi], %[zi]\n muls %[mi], %[cos]\n movs %[t], %[zr]\n muls %[t], %[cos]\n"
            "asrs %[t], #14\n adds %[mi], %[t]\n asrs %[mi], #4\n" /* odd.re * cos */
            "muls %[zi], %[sin]\n muls %[zr], %[sin]\n"
            "asrs %[zr], #14\n adds %[zi], %[zr]\n asrs %[zi], #4\n" /* odd.re * sin */
            "lsls %[zr], %[mr], #18\n lsrs %[zr], #18\n asrs %[mr], #14\n"
            "movs %[t], %[zr]\n muls %[t], %[cos]\n muls %[cos], %[mr]\n"
            "asrs %[t], #14\n adds %[cos], %[t]\n asrs %[cos], #4\n" /* odd.im * cos */
            "subs %[cos], %[zi]\n"
            "muls %[mr], %[sin]\n muls %[zr], %[sin]\n"
            "asrs %[zr], #14\n adds %[mr], %[zr]\n asrs %[mr], #4\n" /* odd.im * sin */
            "adds %[mi], %[mr]\n"
            "lsls %[mi], #2\n add %[mi], %[even_re]\n lsls %[cos], #2\n add %[cos], %[even_im]\n"
            "lsls %[zr], %[mi], #17\n lsrs %[zr], #17\n asrs %[mi], #15\n"    /* c, a */
            "lsls %[zi], %[cos], #17\n lsrs %[zi], #17\n asrs %[cos], #15\n" /* d, b */
            "movs %[t], %[mi]\n muls %[t], %[zr]\n movs %[mr], %[cos]\n muls %[mr], %[zi]\n adds %[t], %[mr]\n"
            "muls %[mi], %[mi]\n muls %[cos], %[cos]\n adds %[mi], %[cos]\n asrs %[mr], %[t], #14\n adds %[mi], %[mr]\n"
            "muls %[zr], %[zr]\n muls %[zi], %[zi]\n adds %[zr], %[zi]\n lsrs %[zr], #14\n"
            "lsls %[t], #18\n lsrs %[t], #16\n adds %[zr], %[t]\n lsrs %[t], %[zr], #16\n adds %[mi], %[t]\n"
            "uxth %[zr], %[zr]\n"
            : [zr] "+&l"(z.re), [zi] "+&l"(z.im), [mr] "+&l"(mirror.re), [mi] "+&l"(mirror.im), [cos] "+&l"(twiddle.re),
              [t] "=&l"(t), [even_re] "=&h"(even_re), [even_im] "=&h"(even_im)
            : [sin] "l"(twiddle.im)
            : "cc");
    const struct kws_complex power = {mirror.im, z.re};
    return power;
#else
    const struct kws_complex even = {z.re + mirror.re, z.im - mirror.im};
    /* Half of the odd samples' transform, Q24.6, below 2^27.91. */
    const struct kws_complex odd = {(z.im >> 1) + (mirror.im >> 1), (mirror.re >> 1) - (z.re >> 1)};
    const struct kws_complex turned = kws_rotate_half(odd, twiddle);
    return kws_square(even.re + 4 * turned.re, even.im + 4 * turned.im);
#endif
}

/* A bin and its mirror image take each other's place as they are read; bin 0 counts for no band and is left alone. */
void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX])
{
    struct kws_complex *low = values + 1;
    const struct kws_complex *high = values + KWS_FFT_COMPLEX - 1, *twiddle = kws_twiddles + 1;
    while (low < high) {
        const struct kws_complex z = kws_load_complex(low, 0), mirror = kws_load_next_complex(&high, -1);
        const struct kws_complex w = kws_load_next_complex(&twiddle, 1);
        kws_store_next_complex(&low, 1, bin_power(z, mirror, w));
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
