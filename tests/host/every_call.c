/* All of kws.h called, as C and as C++.  A hop whose detection nobody wants is the same hop; with an idle front end, which
 * no init was given, it detects nothing. */
#include "kws.h"

#include "kws_model.h"

int main(void);

static struct kws_commands_6k_frontend frontend, idle;
static struct kws_commands_6k_stream told, untold;
static struct kws_voice_gate gate = {&untold.kws, 0};

int main(void)
{
    int16_t pcm[KWS_COMMANDS_6K_HOP_SAMPLES] = {0};
    unsigned detected = 0;
    kws_frontend_hop(&frontend.frontend, pcm);
    if (kws_hop(&told.kws, &frontend.frontend, NULL) || kws_commands_6k_init(&told, &frontend) != KWS_OK ||
        kws_commands_6k_init(&untold, &frontend) != KWS_OK)
        return 1;
    if (kws_set_operating_point(&told.kws, KWS_COMMANDS_6K_POINTS) != KWS_OUT_OF_RANGE ||
        kws_set_operating_point(&told.kws, KWS_COMMANDS_6K_POINT_STRICT) != KWS_OK ||
        kws_set_threshold(&told.kws, KWS_COMMANDS_6K_KEYWORDS, 0) != KWS_OUT_OF_RANGE)
        return 2;
    if (kws_set_threshold(&told.kws, 0, 0) != KWS_OK || kws_set_threshold(&untold.kws, 0, 0) != KWS_OK ||
        kws_threshold(&told.kws, 0) || !kws_threshold(&told.kws, 1) || kws_threshold(&told.kws, KWS_COMMANDS_6K_KEYWORDS))
        return 3;
    kws_frontend_reset(&idle.frontend);
    kws_frontend_hop(&idle.frontend, pcm);
    if (kws_hop(&told.kws, &idle.frontend, NULL) || idle.frontend.hops || kws_asleep(&idle.frontend) ||
        kws_asleep(&frontend.frontend))
        return 4;
    for (uint32_t hop = 1; hop <= 10; hop++) {
        struct kws_detection heard = {KWS_NO_LABEL, 0, 0};
        kws_frontend_hop(&frontend.frontend, pcm);
        const bool detects = kws_hop(&told.kws, &frontend.frontend, &heard);
        if (detects != kws_hop(&untold.kws, &frontend.frontend, NULL) ||
            detects != (heard.time_ms == hop * KWS_COMMANDS_6K_HOP_SAMPLES / 16) ||
            (detects && heard.posterior != kws_posterior(&told.kws, heard.label)))
            return 5;
        detected += detects;
    }
    if (kws_gated_hop(&gate, &told.kws, &frontend.frontend, NULL) || !gate.awake_hops)
        return 7; /* the other stream has a candidate, at a threshold of 0 */
    kws_reset(&told.kws);
    kws_frontend_reset(&frontend.frontend);
    return detected == 1 && frontend.frontend.hops == 0 && !kws_posterior(&told.kws, 0) && kws_label(&told.kws, 0)[0] &&
                   !kws_label(&told.kws, KWS_COMMANDS_6K_LABELS)[0]
               ? 0
               : 6;
}
