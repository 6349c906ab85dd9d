/* The detector.  Labels after the keywords (unknown, silence) are never candidates, so they are not smoothed. */
#include "detector.h"

#include <string.h>

#include "memory.h"
#include "primitives.h"
#include "tables.h"

void kws_detector_reset(struct kws *kws)
{
    memset(kws_smoothed(kws), 0, kws->model->keywords * sizeof(uint16_t));
    kws->detector = (struct kws_detector){0, KWS_NO_LABEL, 0, KWS_NO_LABEL};
}

void kws_detector_rest(struct kws *kws)
{
    const uint8_t left = kws->detector.refractory_hops;
    kws_detector_reset(kws);
    kws->detector.refractory_hops = (uint8_t)(left ? left - 1 : 0);
}

#ifndef KWS_CORE_HELIUM /* detector_helium.c */

/* exp(-distance), distance Q6.10 in 0..65535: 2^-(distance * log2(e)) by table, UQ1.15. */
static uint32_t exp_minus(uint32_t distance)
{
    const uint32_t power = (distance * KWS_LOG2_E) >> 14, halvings = power >> 10; /* UQ7.10; the product is below 2^31 */
    if (halvings >= 16)
        return 0;
    const uint16_t *knot = &kws_exp2_table[power >> 5 & 31];
    const uint32_t fraction = power & 31;
    return (knot[0] - (((uint32_t)(knot[0] - knot[1]) * fraction) >> 5)) >> halvings;
}

void kws_posteriors(const int16_t *logits, int labels, uint16_t *posteriors)
{
    const int16_t *const end = logits + labels;
    int32_t highest = INT16_MIN;
    for (const int16_t *logit = logits; logit < end; logit++)
        highest = *logit > highest ? *logit : highest;
    uint32_t sum = 0; /* 2^15 to labels * 2^15 */
    for (const int16_t *logit = logits; logit < end; logit++) {
        const uint32_t power = exp_minus((uint32_t)(highest - *logit));
        *posteriors++ = (uint16_t)power;
        sum += power;
    }
    const uint32_t reciprocal = (1u << 30) / sum; /* 1 / sum: the sum is UQ.15, the product of both UQ.30; at most 2^15 */
    do {
        posteriors--;
        *posteriors = (uint16_t)((*posteriors * reciprocal) >> 15);
    } while (--labels);
}

#endif

/* Smooths the posteriors and returns the candidate.  Steps are rounded down: from below, a smoothed posterior approaches a
 * steady one to within 2^smoothing_shift - 1. */
static uint8_t candidate(const struct kws *kws, const uint16_t *posteriors)
{
    const uint16_t *threshold = kws_thresholds(kws);
    uint16_t *smoothed = kws_smoothed(kws);
    const int keywords = kws->model->keywords, shift = kws->model->rule.smoothing_shift;
    int32_t strongest = -1;
    uint8_t found = KWS_NO_LABEL;
    for (int label = 0; label < keywords; label++) {
        const int32_t before = smoothed[label], now = before + ((posteriors[label] - before) >> shift);
        smoothed[label] = (uint16_t)now;
        if (now >= threshold[label] && now > strongest) {
            strongest = now;
            found = (uint8_t)label;
        }
    }
    return found;
}

bool kws_detector_hop(struct kws *kws, const uint16_t *posteriors)
{
    const struct kws_detector_rule *rule = &kws->model->rule;
    struct kws_detector *detector = &kws->detector;
    const uint8_t label = candidate(kws, posteriors);
    if (label != detector->candidate)
        detector->confirmed_hops = 0;
    else if (detector->confirmed_hops < rule->confirm_hops)
        detector->confirmed_hops++;
    detector->candidate = label;
    if (label == KWS_NO_LABEL)
        detector->held_label = KWS_NO_LABEL;
    if (detector->refractory_hops) {
        detector->refractory_hops--;
        return false;
    }
    if (label == KWS_NO_LABEL || label == detector->held_label || detector->confirmed_hops < rule->confirm_hops)
        return false;
    detector->held_label = label;
    detector->refractory_hops = rule->refractory_hops;
    return true;
}

void kws_describe(const struct kws *kws, const struct kws_frontend *frontend, struct kws_detection *detection)
{
    detection->label = kws->detector.held_label;
    detection->posterior = kws_smoothed(kws)[detection->label];
    detection->time_ms = frontend->hops * (frontend->features->hop_samples / 16u);
}
