/* The front end for the host: called by training's features and by the front end's tests. */
#include <stddef.h>
#include <string.h>

#include "memory.h"

#include "features.h"

extern const struct kws_features *const host_definition;

size_t host_frontend_bytes(void)
{
    return sizeof(struct kws_frontend) + host_definition->memory_codes * sizeof(int16_t) +
           KWS_FFT_COMPLEX * sizeof(struct kws_complex);
}

void host_frontend_begin(struct kws_frontend *frontend)
{
    frontend->features = host_definition;
    kws_frontend_reset(frontend);
}

void host_features(struct kws_frontend *frontend, const int16_t *pcm, size_t hops, int16_t *codes)
{
    const size_t bands = host_definition->bands;
    for (size_t hop = 0; hop < hops; hop++) {
        kws_frontend_hop(frontend, pcm + hop * host_definition->hop_samples);
        memcpy(codes + hop * bands, kws_codes(frontend), bands * sizeof *codes);
    }
}
