/* From logits to detections: posteriors, smoothed over time, against each keyword's threshold.
 *
 * The candidate of a hop is the keyword with the highest smoothed posterior among those at or above their own threshold (on
 * a tie, the lower label).  It is detected once it has been the candidate for 1 + confirm_hops hops in a row and no
 * refractory period is running.  A detected keyword is held: it must stop being the candidate, or give way to another
 * detection, before it counts again. */
#ifndef KWS_DETECTOR_H
#define KWS_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "kws.h"

/* Resets everything but the thresholds. */
void kws_detector_reset(struct kws *kws);

/* A hop that the front end did not hear: no posterior, no candidate; a refractory period goes on. */
void kws_detector_rest(struct kws *kws);

/* Posteriors of logits (Q5.10): exp(logit) / sum(exp(logits)), UQ1.15. */
void kws_posteriors(const int16_t *logits, int labels, uint16_t *posteriors);

/* Returns whether a keyword is detected at this hop; it is then in kws->detector.held_label.  posteriors: [keywords] at
 * least; in a model of anomalies (score.h) the hop's surprise. */
bool kws_detector_hop(struct kws *kws, const uint16_t *posteriors);

/* What kws_detector_hop has just detected. */
void kws_describe(const struct kws *kws, const struct kws_frontend *frontend, struct kws_detection *detection);

#endif
