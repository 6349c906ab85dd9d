/* The front end for the host: what training's features and the tests of the front end call. */
#include <stddef.h>

#include "frontend.h"

#include "features.h"

extern const struct kws_mel kws_mel;

size_t host_frontend_bytes(void)
{
    return sizeof(struct kws_frontend);
}

void host_frontend_reset(struct kws_frontend *frontend)
{
    kws_frontend_reset(frontend);
}

void host_features(struct kws_frontend *frontend, const int16_t *pcm, size_t hops, int16_t *codes)
{
    struct kws_complex spectrum[KWS_FFT_COMPLEX];
    for (size_t hop = 0; hop < hops; hop++) {
        kws_frontend_hop(frontend, pcm + hop * KWS_HOP_SAMPLES, spectrum);
        kws_mel_features(&kws_mel, spectrum, codes + hop * KWS_BANDS);
    }
}
