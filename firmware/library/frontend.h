/* The front end: one hop of PCM in, one feature vector out.
 *
 *   history + pcm -> window -> FFT -> power -> mel bands -> levels
 *
 * All of it in integers with fixed formats; no block exponent, no rescaling between stages: 32 bits
 * hold a full-scale frame's spectrum with seven bits behind the point (the bound is at kws_complex). */
#ifndef KWS_FRONTEND_H
#define KWS_FRONTEND_H

#include <stdint.h>

#include "kws_model.h"
#include "tables.h"

#define KWS_HISTORY_SAMPLES (KWS_FRAME_SAMPLES - KWS_HOP_SAMPLES)
#define KWS_FFT_COMPLEX (KWS_FFT_POINTS / 2)

/* The triangular mel bands.  Bins lie in segments between the bands' edges: in segment m a bin adds
 * rise * power to band m and the rest of its power to band m - 1. */
struct kws_mel {
    uint16_t rise[KWS_BINS];         /* UQ0.16 */
    uint8_t segment[KWS_BANDS + 1];  /* bins in each segment */
};

struct kws_frontend {
    int16_t history[KWS_HISTORY_SAMPLES]; /* the samples before the next hop */
};

void kws_frontend_reset(struct kws_frontend *frontend);

/* All up to the powers, which are left in spectrum: scratch, of which nothing lasts from hop to hop. */
void kws_frontend_hop(struct kws_frontend *frontend, const int16_t pcm[KWS_HOP_SAMPLES],
                      struct kws_complex spectrum[KWS_FFT_COMPLEX]);

/* codes: round(level) - 128 of each band. */
void kws_mel_features(const struct kws_mel *mel, const struct kws_complex powers[KWS_FFT_COMPLEX],
                    int16_t codes[KWS_BANDS]);

/* The stages.  The window leaves the frame after the FFT's first stage; the FFT halves what comes out; a bin's power takes
 * the place of its value, in two parts (KWS_LOW_BITS in frontend_kernels.h). */
void kws_window_frame(const int16_t history[KWS_HISTORY_SAMPLES], const int16_t pcm[KWS_HOP_SAMPLES],
                      struct kws_complex frame[KWS_FFT_COMPLEX]);
void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX]);
void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX]);
uint32_t kws_log2(uint64_t value);
int8_t kws_log_code(uint64_t energy);

#endif
