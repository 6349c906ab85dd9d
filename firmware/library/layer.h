/* A layer of the network: int8 weights, int16 inputs and outputs.
 *
 *     accumulator = bias + sum(W x) * 2^input_shift + sum(U h)
 *     pre-activation = kws_requantize(accumulator)
 *
 * Each row has one scale s, shared by its input weights W and its recurrent weights U.  Beside a state h in Q0.15
 * an accumulator's unit is s * 2^-15, and an input's last place counts 2^input_shift of them; without a state the
 * unit is the input's own, 2^-input_shift of it.  The bias carries the constant of the features and a rounding half.
 * The export asserts for every row that no input can overflow the accumulator.
 *
 * (A stack has no weights, and a short convolution says in its file how it uses them.)
 *
 * Each kind of layer is one file, kws_<kind>_step; a model names the kinds that it is made of, and the linker
 * leaves out the rest.  Pre-activations are Q3.12, gates and outputs Q0.15, logits Q5.10 unless a file says
 * otherwise. */
#ifndef KWS_LAYER_H
#define KWS_LAYER_H

#include <stdint.h>

#include "kws_model.h"
#include "requantize.h"

/* Of weights: kernels load them by words. */
#define KWS_ALIGNED __attribute__((aligned(4)))

struct kws_layer;

/* One step: memory[] from input[] and what memory[] holds of the steps before.  The output is at its beginning.
 * sums: scratch for units * sums accumulators, and behind them for the larger of input and state, two codes a word. */
typedef void kws_layer_step(const struct kws_layer *layer, const int16_t *input, int16_t *memory, int32_t *sums);

/* Constant, in flash.  Rows are grouped by gate, one for each unit.  If sums == gates, each gate has one sum.  If sums ==
 * gates + 1, gate 0 keeps its sum over the input (the first) and its sum over the state (the last) apart. */
struct kws_layer {
    kws_layer_step *step;
    const int32_t *bias;              /* [sums][units], accumulator units */
    const kws_multiplier *multiplier; /* [gates][units], accumulator units to pre-activations, see kws_requantize */
    const uint8_t *input_weights;     /* gates * units rows of the inputs, packed as rows.h says */
    const uint8_t *recurrent_weights; /* gates * units rows of the state in the order of the last sums, or none */
    struct kws_scaling scaling[KWS_SCALINGS]; /* of the gates; zero where there are fewer, or no multipliers */
    uint16_t inputs, units;
    uint16_t memory_codes; /* int16 that it keeps from step to step */
    uint8_t gates, sums;   /* sums is 0 where kws_accumulate is not used */
    uint8_t input_shift;
    uint8_t format; /* fraction bits, a shift or an enumerator: what its kind's file says */
    int16_t zero;   /* the code in its memory that stands for 0, where a stream begins */
};

/* Every accumulator of a layer, [sums][units]; state is not read where there are no recurrent weights. */
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
    const struct kws_gate of = {sums + sum * units, layer->multiplier + gate * units, layer->scaling[gate]};
    return of;
}

/* The pre-activations of a few units. */
static inline kws_lanes kws_preactivation(const struct kws_gate *gate, int unit, kws_mask mask)
{
    const kws_lanes accumulator = kws_load(gate->sums + unit, mask);
    return kws_requantize(accumulator, kws_load_multiplier(gate->multiplier + unit, mask), gate->scaling);
}

#endif
