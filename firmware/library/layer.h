/* A layer of the network: int8 weights, int16 inputs and outputs.
 *
 *     accumulator = bias + sum(W x) * 2^input_shift + sum(U h)
 *     pre-activation = kws_requantize(accumulator)
 *
 * Each row has one scale s, shared by its input weights W and its recurrent weights U.  With a state h in Q0.15, the
 * accumulator's unit is s * 2^-15, and one unit of an input code counts for 2^input_shift of them.  Without a state, the
 * unit is s times the input code's own, times 2^-input_shift.  The bias includes the constant of the features and a rounding
 * half.  The export asserts for every row that no input can overflow the accumulator.
 *
 * (A frame stack has no weights; depthwise.c says how a short convolution uses them.)
 *
 * Each kind of layer is one file, kws_<kind>_step; a model names the kinds that it uses, and the linker leaves out the rest.
 * Pre-activations are Q3.12, gates and outputs Q0.15, logits Q5.10 unless a file says otherwise. */
#ifndef KWS_LAYER_H
#define KWS_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "scaling.h"

/* For weights: kernels load them as words. */
#define KWS_ALIGNED __attribute__((aligned(4)))

struct kws_layer;

/* One step: updates memory[] from input[] and from its own contents after the step before.  The output is at its beginning, or at
 * that of the scratch (kws_leaves_output_in_scratch).
 * sums: scratch for units * sums accumulators, followed by room for the larger of input and state, two codes a word. */
typedef void kws_layer_step(const struct kws_layer *layer, const int16_t *input, int16_t *memory, int32_t *sums);

/* Constant, in flash.  Rows are grouped by gate, one for each unit.  If sums == gates, each gate has one sum.  If sums ==
 * gates + 1, gate 0 keeps its sum over the input (the first) and its sum over the state (the last) apart. */
struct kws_layer {
    kws_layer_step *step;
    const int32_t *bias;              /* [sums][units], accumulator units */
    const kws_multiplier *multiplier; /* [gates][units], accumulator units to pre-activations, see kws_requantize */
    const struct kws_scaling *scaling; /* [gates] */
    const uint8_t *weights;           /* gates * units rows for the inputs, packed as in rows.h; in a recurrent cell
                                       * as many for the state follow, at a multiple of four bytes, in the order of the last
                                       * sums */
    uint16_t inputs, units;
    uint16_t memory_codes; /* int16 values kept from step to step */
    uint8_t kind;          /* index of its step in the model's steps */
    uint8_t gates, sums;   /* sums is 0 where kws_accumulate is not used */
    uint8_t input_shift;
    uint8_t format; /* fraction bits, a shift or an enumerator: see the file of its kind */
    int8_t zero;    /* the code that stands for 0 in its memory, with which a stream begins */
};

/* A short convolution, whose weights are not rows: nothing needs its output after the next layer. */
static inline bool kws_leaves_output_in_scratch(const struct kws_layer *layer)
{
    return layer->gates > layer->sums;
}

#endif
