/* A model and its features in flash, as kws_model.c defines them. */
#ifndef KWS_MODEL_FORMAT_H
#define KWS_MODEL_FORMAT_H

#include "frontend.h"
#include "kws.h"
#include "layer.h"

/* Models with the same features define the same kws_features; the linker keeps one of them. */
#define KWS_SHARED __attribute__((weak))

/* Constant, in flash. */
struct kws_model {
    uint32_t hash;       /* FNV-1a of the numbers below, of features and layers, and of its arrays' places: integrity.c */
    uint32_t array_hash; /* FNV-1a of the mel bands, the thresholds, the labels and the layers' arrays */
    kws_layer_step *const *steps;     /* [kinds], a second address for each kind of layer, so that damage is detected */
    const struct kws_layer *layers;   /* [layer_count], after steps; the last is the classifier */
    const uint16_t *thresholds;       /* [points][keywords] of smoothed posteriors, UQ1.15, after layers; then the labels:
                                       * UTF-8, each ends with a zero, keywords first; then the arrays of the layers */
    uint32_t array_bytes;             /* of thresholds, labels and the arrays of the layers */
    uint16_t memory_codes;            /* int16 values that the layers before the classifier keep from hop to hop */
    uint8_t kinds, layer_count;
    uint8_t labels, keywords, points; /* the first operating point is in force after kws_init */
    struct kws_detector_rule {
        uint8_t smoothing_shift; /* a hop's weight in the smoothed posterior is 2^-smoothing_shift */
        uint8_t refractory_hops; /* hops after a detection in which nothing is detected */
        uint8_t confirm_hops;    /* hops that a candidate must last after its first; 0: it is detected at once */
    } rule;
};

#endif
