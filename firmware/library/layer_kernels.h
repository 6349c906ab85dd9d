/* What the steps of layers are written in: sums, and pre-activations of a few units at a time. */
#ifndef KWS_LAYER_KERNELS_H
#define KWS_LAYER_KERNELS_H

#include "lanes.h"
#include "layer.h"
#include "requantize.h"

/* Every accumulator of a layer, [sums][units].  state: NULL if the layer has no recurrent weights. */
void kws_accumulate(const struct kws_layer *layer, const int16_t *input, const int16_t *state, int32_t *sums);

/* One of the sums of each unit, and what requantises it. */
struct kws_gate {
    const int32_t *sums;
    const kws_multiplier *multiplier;
    struct kws_scaling scaling;
};

static inline struct kws_gate kws_gate_of(const struct kws_layer *layer, const int32_t *sums, int sum)
{
    const int gate = sum < layer->gates ? sum : 0, units = layer->units;
    const struct kws_scaling *const scaling = layer->scaling + gate;
    return (struct kws_gate){sums + sum * units, layer->multiplier + gate * units,
                             {scaling->accumulator_shift, scaling->right_shift}}; /* GCC calls memcpy for the two bytes */
}

/* The pre-activations of a few units. */
static inline kws_lanes kws_preactivation(const struct kws_gate *gate, int unit, kws_mask mask)
{
    const kws_lanes accumulator = kws_load(gate->sums + unit, mask);
    return kws_requantize(accumulator, kws_load_multiplier(gate->multiplier + unit, mask), gate->scaling);
}

/* The same before saturation, within 2^30: for kws_tanh, which saturates. */
static inline kws_lanes kws_wide_preactivation(const struct kws_gate *gate, int unit, kws_mask mask)
{
    const kws_lanes accumulator = kws_load(gate->sums + unit, mask);
    return kws_rescale(accumulator, kws_load_multiplier(gate->multiplier + unit, mask), gate->scaling);
}

#endif
