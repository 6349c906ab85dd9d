/* One model with its very tables: any call of kws.h, from any features, any state, any thresholds and any detector.
 * ANOMALY: it is one of anomalies. */
#include "kws_model.h"
#include "memory.h"

#include "any.h"

kws_layer_step kws_depthwise_step, kws_frame_stack_step;

static struct FRONTEND frontend;
static struct STREAM stream;
static struct kws voice;
static struct kws_voice_gate gate;

/* Memories of layers that keep features hold int8 codes, all others any int16. */
static void any_memory(void)
{
    const struct kws_layer *const first = MODEL.layers;
    ANY(stream);
    stream.kws.model = &MODEL;
    if (first->step == kws_depthwise_step || first->step == kws_frame_stack_step)
        any_codes(kws_memory(&stream.kws), first->memory_codes, -128, 127);
    for (int label = 0; label < MODEL.keywords; label++)
        kws_smoothed(&stream.kws)[label] = (uint16_t)Frama_C_interval(0, ANOMALY ? UINT16_MAX : 32768);
}

/* A label that there is, or not. */
static void ask(uint8_t label)
{
    kws_set_operating_point(&stream.kws, label);
    kws_set_threshold(&stream.kws, label, (uint16_t)Frama_C_interval(0, UINT16_MAX));
    kws_threshold(&stream.kws, label);
    kws_posterior(&stream.kws, label);
    kws_label(&stream.kws, label);
}

static void hear(struct kws_detection *detection)
{
#if ANOMALY
    kws_anomaly_hop(&stream.kws, &frontend.frontend, detection);
#else
    ANY(voice);
    ANY(gate);
    gate.voice = &voice;
    kws_gated_hop(&gate, &stream.kws, &frontend.frontend, detection); /* calls kws_hop, or not */
#endif
}

int main(void)
{
    struct kws_detection detection;
    ANY(frontend);
    frontend.frontend.features = &FEATURES;
    any_codes(kws_codes(&frontend.frontend), FEATURES.bands, -128, 127);
    any_memory();
    hear(Frama_C_nondet(0, 1) ? &detection : NULL);
    for (int label = 0; label <= UINT8_MAX; label++)
        ask((uint8_t)label);
    kws_reset(&stream.kws);
    /*@ assert end: \true; */
    return 0;
}
