/* The front end with one definition of features: a hop of any sound, after any sound, from any state of the gate. */
#include "features.h"
#include "memory.h"

#include "any.h"

static struct {
    struct kws_frontend frontend;
    int16_t codes_history_and_gate[MEMORY_CODES];
    int32_t scratch[KWS_FFT_POINTS];
} memory;

int main(void)
{
    int16_t pcm[FEATURES_HOP_SAMPLES];
    ANY(memory);
    ANY(pcm);
    memory.frontend.features = &FEATURES;
    any_codes(kws_codes(&memory.frontend), FEATURES.bands, -128, 127);
    kws_frontend_hop(&memory.frontend, pcm);
    for (int band = 0; band < FEATURES.bands; band++) {
        /*@ assert -128 <= memory.codes_history_and_gate[band] <= 127; */
    }
    kws_asleep(&memory.frontend);
    kws_frontend_reset(&memory.frontend);
    /*@ assert end: \true; */
    return 0;
}
