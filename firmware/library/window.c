/* Window, and the FFT's first stage while the samples are in registers: 480 samples times a periodic Hann, padded with zeros
 * to 512, are 256 complex values (even samples real, odd imaginary); butterfly i takes the values i, i + 64, i + 128 and
 * i + 192, which need no twiddle factor yet, and leaves its four outputs side by side where the next stage needs them.
 * Neither the windowed frame nor a table of reversed digits exists. */
#include "frontend.h"
#include "frontend_kernels.h"

#if !defined(KWS_CORE_BASELINE) && !defined(KWS_CORE_HELIUM) /* those have window_armv6m.S and window_helium.S */

#define LEG (KWS_FFT_COMPLEX / 4) /* pairs of samples from one input of a butterfly to the next */
#define RUN (LEG / 4) /* butterflies; the inputs of one leg of a run all lie in the history or all in the hop */
#define TURN (KWS_FRAME_SAMPLES - 4 * LEG) /* the factor of leg 2's first sample; from it on they are stored backwards */

/* One leg of a butterfly: in the history for the first heard_legs legs, otherwise in the hop.  rising has the factors of
 * legs 0 and 1, falling, backwards, those of legs 2 and 3.  Leg 2 comes before leg 3, and leg 1 before leg 0: legs 0 and 2
 * move on to the factors of the next butterfly. */
KWS_INLINE struct kws_complex windowed(const int16_t *history, const int16_t *pcm, const struct kws_window_pair **rising,
                                       const struct kws_window_pair **falling, int leg, int heard_legs)
{
    const int16_t *pair = leg < heard_legs ? history + 2 * LEG * leg : pcm + 2 * LEG * (leg - heard_legs);
    if (leg < 2) {
        const struct kws_complex factors = kws_load_factors(rising, LEG * leg, leg == 0);
        return kws_windowed(pair, factors.re, factors.im);
    }
    const struct kws_complex factors = leg == 2 ? kws_load_factors(falling, 0, -1) : kws_load_factors(falling, 1 - LEG, 0);
    return kws_windowed(pair, factors.im, factors.re);
}

/* The butterflies i of one run; the last leg of the last run is padding.  The place of butterfly i is four times i with
 * its base-4 digits reversed.  heard: pairs of samples in the history. */
KWS_INLINE void butterflies(const int16_t *history, const int16_t *pcm, int run, int heard, int heard_legs, bool is_padded,
                            struct kws_complex *frame)
{
    const int16_t *in_history = history + 2 * RUN * run, *in_hop = pcm + 2 * (RUN * run + LEG * heard_legs - heard);
    const struct kws_window_pair *rising = (const struct kws_window_pair *)(kws_window + 2 * RUN * run);
    const struct kws_window_pair *falling = (const struct kws_window_pair *)(kws_window + TURN - 1 - 2 * RUN * run);
    struct kws_complex *place = frame + 4 * run;
    for (int four = 0; four < RUN / 4; four++) {
        for (const struct kws_complex *const end = place + KWS_FFT_COMPLEX; place < end;) {
            const struct kws_complex none = {0, 0};
            const struct kws_complex c = windowed(in_history, in_hop, &rising, &falling, 2, heard_legs);
            const struct kws_complex d = is_padded ? none : windowed(in_history, in_hop, &rising, &falling, 3, heard_legs);
            const struct kws_complex b = windowed(in_history, in_hop, &rising, &falling, 1, heard_legs);
            const struct kws_complex sum = is_padded ? b : kws_plus(b, d, 1), difference = is_padded ? b : kws_plus(b, d, -1);
            const struct kws_complex a = windowed(in_history, in_hop, &rising, &falling, 0, heard_legs);
            kws_butterfly(&place, 0, 1, 64, a, c, sum, difference, 1);
            in_history += 2, in_hop += 2;
        }
        place -= KWS_FFT_COMPLEX - 16;
    }
}

/* The history fills the first legs, and the first runs of the next leg. */
KWS_INLINE void window(const int16_t *history, const int16_t *pcm, int hop_samples, struct kws_complex *frame)
{
    const int heard = (KWS_FRAME_SAMPLES - hop_samples) / 2, heard_legs = heard / LEG, heard_runs = heard % LEG / RUN;
    for (int run = 0; run < heard_runs; run++)
        butterflies(history, pcm, run, heard, heard_legs + 1, false, frame);
    for (int run = heard_runs; run < 3; run++)
        butterflies(history, pcm, run, heard, heard_legs, false, frame);
    butterflies(history, pcm, 3, heard, heard_legs, true, frame);
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
