/* Window: 480 samples times a periodic Hann, padded with zeros to 512, packed as 256 complex values
 * (even samples real, odd imaginary) in the order in which the FFT wants them. */
#include "frontend.h"

/* The FFT's input order: the four base-4 digits of the index, reversed. */
static int reverse_digits(int index)
{
    return (index & 3) << 6 | (index & 12) << 2 | (index & 48) >> 2 | (index & 192) >> 6;
}

/* sample * window is Q15.16, at most 2^15 * 65535; kept in Q24.7.  The window's mirror is its own image. */
static int32_t windowed(int16_t sample, int position)
{
    const int mirrored = position <= KWS_FRAME_SAMPLES / 2 ? position : KWS_FRAME_SAMPLES - position;
    return (sample * kws_window[mirrored]) >> 9;
}

void kws_window_frame(const int16_t history[KWS_HISTORY_SAMPLES], const int16_t pcm[KWS_HOP_SAMPLES],
                      struct kws_complex frame[KWS_FFT_COMPLEX])
{
    for (int i = 0; i < KWS_FFT_COMPLEX; i++) {
        struct kws_complex *value = &frame[reverse_digits(i)];
        const int position = 2 * i;
        if (position < KWS_FRAME_SAMPLES) {
            const int16_t *pair = position < KWS_HISTORY_SAMPLES ? history + position : pcm + (position - KWS_HISTORY_SAMPLES);
            value->re = windowed(pair[0], position);
            value->im = windowed(pair[1], position + 1);
        } else {
            value->re = value->im = 0;
        }
    }
}
