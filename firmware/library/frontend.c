/* The front end, stage by stage; each stage has its own file.  There is one function for each hop length and width, with
 * and without the gate: a definition of features points to one of them, and the linker leaves out the others. */
#include "frontend.h"

#include <string.h>

#include "memory.h"
#include "primitives.h"

KWS_COLD void kws_frontend_reset(struct kws_frontend *frontend)
{
    if (!frontend->features)
        return;
    frontend->hops = 0;
    memset(kws_codes(frontend), 0, frontend->features->memory_codes * sizeof(int16_t));
}

void kws_frontend_hop(struct kws_frontend *frontend, const int16_t *pcm)
{
    if (frontend->features)
        frontend->features->hop(frontend, pcm);
}

bool kws_asleep(const struct kws_frontend *frontend)
{
    return frontend->features && kws_sleeps(frontend);
}

#define HOP_10MS 160 /* samples */
#define HOP_20MS 320

/* The last samples become the history: the end of a long hop, or the end of the history followed by the whole of a short
 * hop. */
KWS_INLINE void remember(int16_t *history, const int16_t *pcm, int hop_samples)
{
    const size_t sample = sizeof *history;
    if (hop_samples == HOP_20MS) {
        memcpy(history, pcm + (2 * HOP_20MS - KWS_FRAME_SAMPLES), (KWS_FRAME_SAMPLES - HOP_20MS) * sample);
    } else {
        memmove(history, history + HOP_10MS, (KWS_FRAME_SAMPLES - 2 * HOP_10MS) * sample);
        memcpy(history + (KWS_FRAME_SAMPLES - 2 * HOP_10MS), pcm, HOP_10MS * sample);
    }
}

KWS_INLINE void hear(struct kws_frontend *frontend, const int16_t *pcm, int hop_samples, bool wide, bool gated)
{
    int16_t *const history = kws_history(frontend);
    struct kws_complex *const spectrum = kws_scratch(frontend);
    frontend->hops++;
    if (gated && !kws_gate_hop(kws_level_gate(frontend), pcm, hop_samples)) {
        remember(history, pcm, hop_samples);
        return;
    }
    (hop_samples == HOP_10MS ? kws_window_10ms : kws_window_20ms)(history, pcm, spectrum);
    remember(history, pcm, hop_samples);
    kws_fft(spectrum);
    (wide ? kws_power_spectrum_wide : kws_power_spectrum)(spectrum);
    kws_mel_features(frontend->features, spectrum, kws_codes(frontend));
}

void kws_hop_10ms(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_10MS, false, false);
}

void kws_hop_10ms_wide(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_10MS, true, false);
}

void kws_hop_20ms(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_20MS, false, false);
}

void kws_hop_20ms_wide(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_20MS, true, false);
}

void kws_hop_10ms_gated(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_10MS, false, true);
}

void kws_hop_10ms_wide_gated(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_10MS, true, true);
}

void kws_hop_20ms_gated(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_20MS, false, true);
}

void kws_hop_20ms_wide_gated(struct kws_frontend *frontend, const int16_t *pcm)
{
    hear(frontend, pcm, HOP_20MS, true, true);
}
