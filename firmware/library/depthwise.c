/* A short causal convolution over time, channel by channel, as in front of S6's recurrence (arXiv:2312.00752):
 *     y = sum over k of w_k x[k hops ago], saturated in Q3.12
 * Weights are int8 [gates][units], one gate for each hop, oldest first, in units of 2^-6; `format` is the right shift from
 * the products to Q3.12.  Memory: the past hops that the next step needs, oldest first; y is in the scratch. */
#include "lanes.h"
#include "layer.h"

/* before: the number of past hops kept. */
KWS_INLINE void convolve(const struct kws_layer *layer, const int16_t *input, int16_t *memory, int16_t *y, int before)
{
    const int channels = layer->units;
    const int32_t half = (1 << layer->format) >> 1, zero = layer->zero;
    for (int channel = 0; channel < channels; channel += KWS_LANES) {
        const kws_mask mask = kws_mask_of(channels - channel);
        const int8_t *weight = (const int8_t *)layer->weights + channel;
        int16_t *past = memory + channel;
        kws_lanes x = kws_load_int16(past, mask);
        kws_lanes sum = kws_load_int8(weight, mask) * (x - zero) + half; /* at most ten products below 2^7 * 2^16 */
        for (int hop = 1; hop < before; hop++, past += channels) {
            x = kws_load_int16(past + channels, mask);
            kws_store_int16(past, x, mask);
            weight += channels;
            sum += kws_load_int8(weight, mask) * (x - zero);
        }
        x = kws_load_int16(input + channel, mask);
        kws_store_int16(past, x, mask);
        sum += kws_load_int8(weight + channels, mask) * (x - zero);
        kws_store_int16(y + channel, kws_saturate16(kws_shift_right(sum, layer->format)), mask);
    }
}

/* Of three hops, the usual length: with unrolled loops, or in depthwise_helium.S and depthwise_armv7m.S. */
#if defined(KWS_CORE_HELIUM) || (defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED))
void kws_convolve_three(const struct kws_layer *layer, const int16_t *input, int16_t *past, int16_t *y);
#else
KWS_INLINE void kws_convolve_three(const struct kws_layer *layer, const int16_t *input, int16_t *past, int16_t *y)
{
    convolve(layer, input, past, y, 2);
}
#endif

kws_layer_step kws_depthwise_step;

void kws_depthwise_step(const struct kws_layer *layer, const int16_t *input, int16_t *past, int32_t *sums)
{
    int16_t *const y = (int16_t *)sums;
    if (layer->gates == 3)
        kws_convolve_three(layer, input, past, y);
    else
        convolve(layer, input, past, y, layer->gates - 1);
}
