/* The models of the image, each with its own stream; models with the same features share a front end, which hears a hop
 * once.  models.h and models.c are generated when an image is built (firmware/image/models_c.py). */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

#include "models.h"

struct listener {
    const char *name; /* the recipe's */
    uint32_t id;      /* the ID of its export */
    const struct kws_model *model;
    const struct kws_features *features;
    struct kws *kws;
    struct kws_frontend *frontend;
    struct kws_voice_gate *gate;        /* by the voice that the first listener hears; NULL: it hears every hop */
    uint16_t hop_samples;               /* HOP_SAMPLES are one or two of its hops */
    uint8_t keywords, points;
    const char *const *point_names; /* [points] */
    bool anomalies; /* whether it has scores in place of posteriors; hop is then kws_anomaly_hop, else kws_hop */
    bool (*hop)(struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection);
};

extern const struct listener listeners[MODELS]; /* those of one front end are neighbours */

/* What one of the models detected. */
struct heard {
    uint8_t listener;
    struct kws_detection detection;
};

/* Checks every model and begins its stream.  Returns false if one is damaged. */
bool listeners_begin(void);

/* Begins new streams; thresholds stay as they were set. */
void listeners_reset(void);

/* Gives every model a hop of the microphone.  After each hop of a model, hear() gets its detection, or NULL. */
void listeners_hop(const int16_t pcm[HOP_SAMPLES], void (*hear)(uint8_t listener, const struct kws_detection *detection));

#endif
