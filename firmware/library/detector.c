/* The detector.  Labels from KWS_KEYWORDS on (unknown, silence) are never candidates, so they are not smoothed. */
#include "detector.h"

#include <string.h>

#include "tables.h"

void kws_detector_reset(struct kws_detector *detector)
{
    memset(detector->smoothed, 0, sizeof detector->smoothed);
    detector->refractory_hops = 0;
    detector->candidate = KWS_LABELS;
    detector->confirmed_hops = 0;
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

/* Towards the posteriors, rounded down: a steady posterior is followed from below to within 2^smoothing_shift - 1. */
static void smooth(struct kws_detector *detector, uint8_t smoothing_shift, const uint16_t posteriors[KWS_LABELS])
{
    for (int label = 0; label < KWS_KEYWORDS; label++) {
        const int32_t smoothed = detector->smoothed[label];
        detector->smoothed[label] = (uint16_t)(smoothed + ((posteriors[label] - smoothed) >> smoothing_shift));
    }
}

static uint8_t candidate(const struct kws_detector *detector)
{
    uint8_t strongest = KWS_LABELS;
    for (uint8_t label = 0; label < KWS_KEYWORDS; label++)
        if (detector->smoothed[label] >= detector->point.thresholds[label] &&
            (strongest == KWS_LABELS || detector->smoothed[label] > detector->smoothed[strongest]))
            strongest = label;
    return strongest;
}

bool kws_detector_hop(struct kws_detector *detector, const struct kws_detector_rule *rule,
                      const int16_t logits[KWS_LABELS])
{
    uint16_t posteriors[KWS_LABELS];
    kws_posteriors(logits, posteriors);
    smooth(detector, rule->smoothing_shift, posteriors);

    const uint8_t label = candidate(detector);
    if (label != detector->candidate)
        detector->confirmed_hops = 0;
    else if (detector->confirmed_hops < rule->confirm_hops)
        detector->confirmed_hops++;
    detector->candidate = label;
    if (label == KWS_LABELS)
        detector->held_label = KWS_LABELS;
    if (detector->refractory_hops) {
        detector->refractory_hops--;
        return false;
    }
    if (label == KWS_LABELS || label == detector->held_label || detector->confirmed_hops < rule->confirm_hops)
        return false;
    detector->held_label = label;
    detector->refractory_hops = rule->refractory_hops;
    return true;
}
