/* All of kws.h called, as C and as C++; and a hop whose detection nobody wants is the same hop. */
#include <stddef.h>

#include "kws.h"

int main(void);

static struct kws told, untold;

int main(void)
{
    int16_t pcm[KWS_HOP_SAMPLES] = {0};
    unsigned detected = 0;
    if (kws_hop(&told, pcm, NULL) || kws_init(&told, &kws_model) != KWS_OK || kws_init(&untold, &kws_model) != KWS_OK)
        return 1;
    if (kws_set_operating_point(&told, KWS_POINTS) != KWS_OUT_OF_RANGE || kws_set_operating_point(&told, 0) != KWS_OK ||
        kws_set_threshold(&told, KWS_KEYWORDS, 0) != KWS_OUT_OF_RANGE)
        return 2;
    if (kws_set_threshold(&told, 0, 0) != KWS_OK || kws_set_threshold(&untold, 0, 0) != KWS_OK)
        return 3;
    for (uint32_t hop = 1; hop <= 10; hop++) {
        struct kws_detection heard = {UINT8_MAX, 0, 0};
        const bool detects = kws_hop(&told, pcm, &heard);
        if (detects != kws_hop(&untold, pcm, NULL) || detects != (heard.time_ms == hop * KWS_HOP_MS))
            return 4;
        detected += detects;
    }
    kws_reset(&told);
    return detected == 1 && told.hops == 0 && kws_model.labels[0][0] ? 0 : 5;
}
