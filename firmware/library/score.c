/* One hop of a model of anomalies, as kws_hop is one of keywords: features -> deviations -> surprise -> detection, and the
 * prediction of the next hop. */
#include "score.h"

#include "detector.h"
#include "memory.h"
#include "network.h"

#define FARTHEST (8 << 10) /* Q5.10 */

uint16_t kws_surprise(const int16_t *deviations, const int16_t *predictions, int outputs)
{
    uint32_t sum = 0; /* UQ18.14: a square is at most 2^26 in Q.20 and 2^20 in Q.14, that of 255 outputs below 2^28 */
    for (int output = 0; output < outputs; output++) {
        const int32_t error = deviations[output] - predictions[output]; /* within 2^16 */
        const int32_t distance = error < 0 ? -error : error;
        const int32_t limited = distance < FARTHEST ? distance : FARTHEST;
        sum += (uint32_t)(limited * limited) >> 6;
    }
    const uint32_t mean = sum / (uint32_t)outputs >> 2; /* UQ.12, at most 64; rounded down */
    return (uint16_t)(mean < UINT16_MAX ? mean : UINT16_MAX);
}

bool kws_anomaly_hop(struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection)
{
    const struct kws_model *model = kws->model;
    if (!model || !frontend->features)
        return false;
    if (kws_sleeps(frontend)) {
        kws_detector_rest(kws);
        return false;
    }
    const struct kws_layer *const first = model->layers, *const second = first + 1;
    int16_t *const memory = kws_memory(kws), *const deviations = memory + first->memory_codes;
    void *const scratch = kws_scratch(frontend);
    kws_run_layers(first, second + 1, kws_codes(frontend), memory, scratch);
    const uint16_t surprise = kws_surprise(deviations, memory + model->memory_codes, model->labels);
    kws_run_layers(second + 1, first + model->layer_count, deviations, deviations + second->memory_codes, scratch);
    const bool detected = kws_detector_hop(kws, &surprise);
    if (detected && detection)
        kws_describe(kws, frontend, detection);
    return detected;
}
