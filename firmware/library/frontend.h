/* The front end: one hop of PCM in, one feature vector out.
 *
 *   history + pcm -> window -> FFT -> power -> mel bands -> log
 *
 * All arithmetic is in integers of fixed formats, without a block exponent or rescaling between stages: 32 bits hold a
 * full-scale frame's spectrum with seven fraction bits (the bound is at kws_complex). */
#ifndef KWS_FRONTEND_H
#define KWS_FRONTEND_H

#include <stdint.h>

#include "tables.h"

#define KWS_FFT_COMPLEX (KWS_FFT_POINTS / 2)

struct kws_frontend;

/* From PCM to the features of a hop. */
typedef void kws_frontend_step(struct kws_frontend *frontend, const int16_t *pcm);

/* A definition of features; constant, in flash.  The mel bands are triangles, whose edges divide the bins into segments.  In
 * segment m a bin adds rise * power to band m and the rest of its power to band m - 1.  (What a sensor has: sensor.c.) */
struct kws_features {
    const uint16_t *rise;      /* [bins], UQ0.16 */
    const uint8_t *segment;    /* [bands + 1], bins in each segment; directly after rise */
    kws_frontend_step *hop;
    uint16_t hop_samples;      /* 160 or 320; of a sensor 16 a millisecond */
    uint16_t bins;             /* bins of the spectrum in use, from 0 Hz to the edge of the last band */
    uint8_t bands;
    uint8_t gated;             /* whether hop is one with the gate; its memory is then at the end of the front end's */
    uint16_t memory_codes;     /* int16 values of features, history and gate, before the scratch; an even number */
    kws_frontend_step *again;  /* hop, far enough from it that one damaged place of the flash does not hold both */
};

/* For hops of 10 and 20 ms; wide: for more than half of the bins (bands beyond 4 kHz). */
kws_frontend_step kws_hop_10ms, kws_hop_10ms_wide, kws_hop_20ms, kws_hop_20ms_wide;
kws_frontend_step kws_hop_sensor;
kws_frontend_step kws_hop_10ms_gated, kws_hop_10ms_wide_gated, kws_hop_20ms_gated, kws_hop_20ms_wide_gated;

/* codes: the feature of each band, an int8 code. */
void kws_mel_features(const struct kws_features *features, const struct kws_complex powers[KWS_FFT_COMPLEX], int16_t *codes);

/* The stages.  The window includes the FFT's first stage.  The FFT halves its output.  A bin's power replaces its value, in
 * two parts (KWS_LOW_BITS in frontend_kernels.h). */
void kws_window_10ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[KWS_FFT_COMPLEX]);
void kws_window_20ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[KWS_FFT_COMPLEX]);
void kws_fft(struct kws_complex values[KWS_FFT_COMPLEX]);
void kws_power_spectrum(struct kws_complex values[KWS_FFT_COMPLEX]);
void kws_power_spectrum_wide(struct kws_complex values[KWS_FFT_COMPLEX]);
uint32_t kws_log2(uint64_t value);
int32_t kws_log_code(uint64_t energy);

/* kws_log_code of each band, for Helium.  energies has room for a multiple of four. */
void kws_log_codes(const uint64_t *energies, int bands, int16_t *codes);

#endif
