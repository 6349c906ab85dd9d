/* Power and mel bands: the spectrum of the real frame is untangled bin by bin from the packed
 * transform, squared, and gathered into two bands at a time; no power spectrum is stored.
 *
 * With Z the packed transform of N/2 points and Z' = Z[N/2 - k]*, bin k of the frame is
 *     X[k] = (Z + Z') / 2 - j (Z - Z') / 2 * exp(-2 pi j k / N)                    (k < N/2) */
#include "frontend.h"
#include "primitives.h"

/* |X[k]|^2 in squared int16 units: (2^29.91)^2 * 2 >> 14 < 2^47. */
static uint64_t bin_power(const struct kws_complex spectrum[KWS_FFT_COMPLEX], int bin)
{
    const struct kws_complex z = spectrum[bin & (KWS_FFT_COMPLEX - 1)];
    const struct kws_complex mirror = spectrum[(KWS_FFT_COMPLEX - bin) & (KWS_FFT_COMPLEX - 1)];
    const int32_t even_re = (z.re >> 1) + (mirror.re >> 1), even_im = (z.im >> 1) - (mirror.im >> 1);
    /* Half of the odd samples' transform, Q24.6, below 2^27.91. */
    const int32_t odd_re = (z.im >> 2) + (mirror.im >> 2), odd_im = (mirror.re >> 2) - (z.re >> 2);
    const struct kws_twiddle w = kws_twiddles[bin];
    const int32_t re = even_re + 4 * (kws_multiply_half(odd_re, w.cos) + kws_multiply_half(odd_im, w.sin));
    const int32_t im = even_im + 4 * (kws_multiply_half(odd_im, w.cos) - kws_multiply_half(odd_re, w.sin));
    return (uint64_t)((int64_t)re * re + (int64_t)im * im) >> 14;
}

void kws_mel_levels(const struct kws_mel *mel, const struct kws_complex spectrum[KWS_FFT_COMPLEX],
                    int16_t codes[KWS_BANDS])
{
    uint64_t rising = 0; /* of the segment before, Q47.16: by Parseval all bins together stay below 2^47 */
    int bin = 0;
    for (int m = 0; m <= KWS_BANDS; m++) {
        uint64_t total = 0, rise = 0;
        for (int left = mel->segment[m]; left; left--, bin++) {
            const uint64_t power = bin_power(spectrum, bin);
            total += power;
            rise += power * mel->rise[bin];
        }
        if (m > 0)
            codes[m - 1] = kws_level_code((rising + (total << 16) - rise) >> 16);
        rising = rise;
    }
}
