/* A short causal convolution over time, channel by channel, as in front of S6's recurrence (arXiv:2312.00752):
 *     y = sum of w_k x of k hops ago, saturated in Q3.12
 * Weights are [units][gates], a gate a hop, oldest first, in units of 2^-6; `format` is the shift that leads from the
 * products to Q3.12.  Memory: y, then the hops before the next, oldest first. */
#include "layer.h"
#include "primitives.h"

#include <string.h>

kws_layer_step kws_depthwise_step;

void kws_depthwise_step(const struct kws_layer *layer, const int16_t *input, int16_t *y, int16_t *preactivations)
{
    const int channels = layer->units, before = layer->gates - 1;
    const int32_t half = (1 << layer->format) >> 1;
    const int8_t *weight = layer->input_weights;
    int16_t *history = y + channels;
    (void)preactivations;
    for (int channel = 0; channel < channels; channel++) {
        int32_t sum = half; /* at most ten products below 2^7 * 2^16 */
        for (int hop = 0; hop < before; hop++)
            sum += *weight++ * (history[hop * channels + channel] - layer->zero);
        sum += *weight++ * (input[channel] - layer->zero);
        y[channel] = (int16_t)kws_saturate16(sum >> layer->format);
    }
    memmove(history, history + channels, (size_t)((before - 1) * channels) * sizeof *history);
    memcpy(history + (before - 1) * channels, input, (size_t)channels * sizeof *history);
}
