/* A complex FFT of 256 points in place: radix 4, decimation in time, input in digit-reversed order,
 * output in natural order.  32-bit data in Q24.7, twiddles of 17 fraction bits; nothing is rescaled (see kws_complex).
 * A product is floored in units of 2^-6, far below what one level can see; what limits the transform is the
 * twiddles' rounding, by which a full-scale tone shows faint images of itself (docs/front-end.md). */
#include "frontend.h"
#include "primitives.h"

/* value * (cos - j sin).  What is rotated is the transform of a quarter of the frame or less, below 2^27.91. */
static struct kws_complex rotate(struct kws_complex value, struct kws_twiddle twiddle)
{
    const struct kws_complex rotated = {
        2 * (kws_multiply_half(value.re, twiddle.cos) + kws_multiply_half(value.im, twiddle.sin)),
        2 * (kws_multiply_half(value.im, twiddle.cos) - kws_multiply_half(value.re, twiddle.sin)),
    };
    return rotated;
}

/* a, b, c, d -> their DFT of four points, left in the four places. */
static void butterfly(struct kws_complex *place, int span, struct kws_complex b, struct kws_complex c, struct kws_complex d)
{
    const struct kws_complex a = place[0];
    const struct kws_complex sum_ac = {a.re + c.re, a.im + c.im}, difference_ac = {a.re - c.re, a.im - c.im};
    const struct kws_complex sum_bd = {b.re + d.re, b.im + d.im}, difference_bd = {b.re - d.re, b.im - d.im};
    place[0].re = sum_ac.re + sum_bd.re;
    place[0].im = sum_ac.im + sum_bd.im;
    place[span].re = difference_ac.re + difference_bd.im;
    place[span].im = difference_ac.im - difference_bd.re;
    place[2 * span].re = sum_ac.re - sum_bd.re;
    place[2 * span].im = sum_ac.im - sum_bd.im;
    place[3 * span].re = difference_ac.re - difference_bd.im;
    place[3 * span].im = difference_ac.im + difference_bd.re;
}

void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX])
{
    struct kws_complex *const end = values + KWS_FFT_COMPLEX;
    int stride = KWS_FFT_POINTS / 4; /* from one twiddle to the next */
    for (int span = 1; span < KWS_FFT_COMPLEX; span *= 4, stride >>= 2) {
        for (struct kws_complex *place = values; place < end; place += 4 * span)
            butterfly(place, span, place[span], place[2 * span], place[3 * span]);
        for (int i = 1; i < span; i++) {
            const struct kws_twiddle w1 = kws_twiddles[i * stride], w2 = kws_twiddles[2 * i * stride], w3 = kws_twiddles[3 * i * stride];
            for (struct kws_complex *place = values + i; place < end; place += 4 * span)
                butterfly(place, span, rotate(place[span], w1), rotate(place[2 * span], w2), rotate(place[3 * span], w3));
        }
    }
}
