/* The linear layer from the state to one logit a label. */
#include "cell.h"

void kws_classify(const struct kws_classifier *classifier, const int16_t state[KWS_UNITS],
                  int16_t logits[KWS_LABELS])
{
    for (int label = 0; label < KWS_LABELS; label++) {
        int32_t accumulator = classifier->bias[label];
        for (int i = 0; i < KWS_UNITS; i++)
            accumulator += classifier->weights[label][i] * state[i];
        logits[label] = (int16_t)kws_requantize(accumulator, classifier->multiplier[label], classifier->scaling);
    }
}
