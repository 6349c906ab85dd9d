/* The front end's story; each stage has its own file. */
#include "frontend.h"

#include <string.h>

void kws_frontend_reset(struct kws_frontend *frontend)
{
    memset(frontend->history, 0, sizeof frontend->history);
}

static void remember(int16_t history[KWS_HISTORY_SAMPLES], const int16_t pcm[KWS_HOP_SAMPLES])
{
#if KWS_HOP_SAMPLES >= KWS_HISTORY_SAMPLES
    memcpy(history, pcm + KWS_HOP_SAMPLES - KWS_HISTORY_SAMPLES, KWS_HISTORY_SAMPLES * sizeof *history);
#else
    const int kept = KWS_HISTORY_SAMPLES - KWS_HOP_SAMPLES;
    memmove(history, history + KWS_HOP_SAMPLES, (size_t)kept * sizeof *history);
    memcpy(history + kept, pcm, KWS_HOP_SAMPLES * sizeof *history);
#endif
}

void kws_frontend_hop(struct kws_frontend *frontend, const int16_t pcm[KWS_HOP_SAMPLES],
                      struct kws_complex spectrum[KWS_FFT_COMPLEX])
{
    kws_window_frame(frontend->history, pcm, spectrum);
    remember(frontend->history, pcm);
    kws_fft(spectrum);
    kws_power_spectrum(spectrum);
}
