/* The detector.  A keyword that stays above the threshold is reported once: it must fall below it, or give
 * way to another keyword, before it counts again.  Labels from KWS_KEYWORDS on (unknown, silence) never fire. */
#include "detector.h"

#include <string.h>

#include "tables.h"

void kws_detector_reset(struct kws_detector *detector)
{
    memset(detector->smoothed, 0, sizeof detector->smoothed);
    detector->refractory_hops = 0;
    detector->held_label = KWS_LABELS;
}

/* exp(-distance), distance Q6.10 in 0..65535: 2^-(distance * log2(e)) by table, UQ1.15. */
static uint32_t exp_minus(uint32_t distance)
{
    const uint32_t power = (distance * KWS_LOG2_E) >> 14; /* UQ7.10; the product is below 2^31 */
    const uint16_t *knot = &kws_exp2_table[power >> 5 & 31];
    const uint32_t fraction = power & 31;
    const uint32_t value = knot[0] - (((uint32_t)(knot[0] - knot[1]) * fraction) >> 5);
    return power >> 10 < 16 ? value >> (power >> 10) : 0;
}

void kws_posteriors(const int16_t logits[KWS_LABELS], uint16_t posteriors[KWS_LABELS])
{
    int32_t highest = logits[0];
    for (int label = 1; label < KWS_LABELS; label++)
        highest = logits[label] > highest ? logits[label] : highest;
    uint32_t sum = 0; /* 2^15 to KWS_LABELS * 2^15 */
    for (int label = 0; label < KWS_LABELS; label++) {
        posteriors[label] = (uint16_t)exp_minus((uint32_t)(highest - logits[label]));
        sum += posteriors[label];
    }
    const uint32_t reciprocal = (1u << 30) / sum; /* of the sum, UQ.30 against its UQ.15: at most 2^15 */
    for (int label = 0; label < KWS_LABELS; label++)
        posteriors[label] = (uint16_t)((posteriors[label] * reciprocal) >> 15);
}

static void smooth(struct kws_detector *detector, uint8_t smoothing_shift, const uint16_t posteriors[KWS_LABELS])
{
    for (int label = 0; label < KWS_LABELS; label++) {
        const int32_t posterior = (int32_t)posteriors[label] << 15; /* at most 2^30 */
        detector->smoothed[label] += (posterior - detector->smoothed[label]) >> smoothing_shift;
    }
}

static uint8_t strongest_keyword(const struct kws_detector *detector)
{
    uint8_t strongest = 0;
    for (uint8_t label = 1; label < KWS_KEYWORDS; label++)
        if (detector->smoothed[label] > detector->smoothed[strongest])
            strongest = label;
    return strongest;
}

bool kws_detector_hop(struct kws_detector *detector, const struct kws_operating_point *point,
                      const int16_t logits[KWS_LABELS])
{
    uint16_t posteriors[KWS_LABELS];
    kws_posteriors(logits, posteriors);
    smooth(detector, point->smoothing_shift, posteriors);

    const uint8_t label = strongest_keyword(detector);
    const bool above = detector->smoothed[label] >= (int32_t)point->threshold << 15;
    if (!above)
        detector->held_label = KWS_LABELS;
    if (detector->refractory_hops) {
        detector->refractory_hops--;
        return false;
    }
    if (!above || label == detector->held_label)
        return false;
    detector->held_label = label;
    detector->refractory_hops = point->refractory_hops;
    return true;
}
