/* From logits to detections: posteriors, smoothed over time, against each keyword's threshold.
 *
 * The candidate of a hop is the keyword with the highest smoothed posterior among those at or above their own threshold
 * (the lower label of equal ones).  It is detected once it has been the candidate for 1 + confirm_hops hops in a row and
 * no refractory period lasts.  A keyword detected is held: it must stop being the candidate, or give way to another
 * detection, before it counts again. */
#ifndef KWS_DETECTOR_H
#define KWS_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "kws_model.h"

/* Part of a model; written by the export. */
struct kws_detector_rule {
    uint8_t smoothing_shift;  /* a hop's weight in the smoothed posterior is 2^-smoothing_shift */
    uint8_t refractory_hops;  /* after a detection nothing is detected for so long */
    uint8_t confirm_hops;     /* hops that a candidate must last after its first; 0: it is detected at once */
};

/* Part of a model; written by the export. */
struct kws_operating_point {
    uint16_t thresholds[KWS_KEYWORDS]; /* of smoothed posteriors, UQ1.15; above 32768: never detected */
};

struct kws_detector {
    struct kws_operating_point point; /* in force; a setting, which outlasts a reset */
    uint16_t smoothed[KWS_KEYWORDS];  /* posteriors, UQ1.15 */
    uint8_t refractory_hops;          /* still to wait */
    uint8_t candidate;                /* of the last hop; KWS_LABELS: none */
    uint8_t confirmed_hops;           /* for which it was the candidate after its first, at most confirm_hops */
    uint8_t held_label;               /* detected last and still the candidate; else KWS_LABELS */
};

/* Everything but the point in force. */
void kws_detector_reset(struct kws_detector *detector);

/* Posteriors of logits (Q5.10): exp(logit) / sum(exp(logits)), UQ1.15. */
void kws_posteriors(const int16_t logits[KWS_LABELS], uint16_t posteriors[KWS_LABELS]);

/* Returns whether a keyword is detected at this hop; it is then in detector->held_label. */
bool kws_detector_hop(struct kws_detector *detector, const struct kws_detector_rule *rule,
                      const int16_t logits[KWS_LABELS]);

#endif
