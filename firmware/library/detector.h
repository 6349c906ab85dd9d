/* From logits to detections: posteriors, smoothed over time, against a threshold, with a refractory period. */
#ifndef KWS_DETECTOR_H
#define KWS_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "kws_model.h"

/* Part of a model; written by the export. */
struct kws_operating_point {
    uint16_t threshold;       /* of a smoothed posterior, UQ1.15 */
    uint8_t smoothing_shift;  /* a hop's weight in the smoothed posterior is 2^-smoothing_shift */
    uint8_t refractory_hops;  /* after a detection nothing is detected for so long */
};

struct kws_detector {
    int32_t smoothed[KWS_LABELS]; /* Q1.30 */
    uint8_t refractory_hops;      /* still to wait */
    uint8_t held_label;           /* the label last detected, until it falls below the threshold; else KWS_LABELS */
};

void kws_detector_reset(struct kws_detector *detector);

/* Posteriors of logits (Q5.10): exp(logit) / sum(exp(logits)), UQ1.15. */
void kws_posteriors(const int16_t logits[KWS_LABELS], uint16_t posteriors[KWS_LABELS]);

/* Returns whether a keyword is detected at this hop; it is then in detector->held_label. */
bool kws_detector_hop(struct kws_detector *detector, const struct kws_operating_point *point,
                      const int16_t logits[KWS_LABELS]);

#endif
