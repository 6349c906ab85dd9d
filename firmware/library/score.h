/* From predictions to anomalies: how far a hop is from what the network predicted at the hop before.
 *
 * In a model of anomalies the first two layers make deviations of the features from a linear prediction by the hop before, in
 * units of its usual error, and the last layer predicts them for the next hop; both have Q5.10 [labels].  The surprise is
 *
 *     mean over the outputs of min(|deviation - prediction|, 8)^2
 *
 * The score is the surprise, smoothed; it takes the place of a keyword's smoothed posterior in the detector (detector.h), and
 * "anomaly" that of the only keyword.  Nothing predicted the first hop of a stream: its surprise is large, and has the weight
 * of one hop. */
#ifndef KWS_SCORE_H
#define KWS_SCORE_H

#include <stdint.h>

/* UQ4.12, saturated at 65535. */
uint16_t kws_surprise(const int16_t *deviations, const int16_t *predictions, int outputs);

#endif
