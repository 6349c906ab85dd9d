/* The gate of one model by the voice that another hears.  Asleep, the states of the network stand still, as they do where the front
 * end sleeps: words are told better from there than from zeros or from the state after silence (docs/voice.md). */
#include "detector.h"
#include "gate.h"
#include "model.h"

bool kws_gated_hop(struct kws_voice_gate *gate, struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection)
{
    if (!kws->model || !frontend->features)
        return false;
    if (gate->voice->detector.candidate != KWS_NO_LABEL)
        gate->awake_hops = kws_awake_hops(frontend->features->hop_samples);
    else if (gate->awake_hops)
        gate->awake_hops--;
    if (gate->awake_hops)
        return kws_hop(kws, frontend, detection);
    kws_detector_rest(kws);
    return false;
}
