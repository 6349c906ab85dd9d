/* The recurrent cell and the classifier on top of it.
 *
 * int8 weights with one scale s a row, shared by the row's input and recurrent weights; int16 state in Q0.15.
 * One accumulator unit is s * 2^-15, and a feature code x counts 2^KWS_CODE_SHIFT of them:
 *     accumulator = bias + sum(W x) * 2^KWS_CODE_SHIFT + sum(U h)
 * where the bias carries the constant of the features, and W what their scale is more or less than that.
 * The export asserts for every row that no input can overflow it.
 * Pre-activations are Q3.12, gates Q0.15, logits Q5.10. */
#ifndef KWS_CELL_H
#define KWS_CELL_H

#include <stdint.h>

#include "kws_model.h"
#include "requantize.h"

#define KWS_GATES 3 /* reset r, update z, new n: the order of torch */

struct kws_gru {
    int32_t bias[KWS_UNITS][KWS_GATES + 1]; /* r, z, n beside the input, n beside the state; accumulator units */
    kws_multiplier multiplier[KWS_UNITS][KWS_GATES]; /* accumulator units to Q3.12, see kws_requantize */
    struct kws_scaling scaling[KWS_GATES];
    int8_t input_weights[KWS_UNITS][KWS_GATES][KWS_BANDS];
    int8_t recurrent_weights[KWS_UNITS][KWS_GATES][KWS_UNITS];
};

struct kws_classifier {
    int32_t bias[KWS_LABELS];             /* accumulator units */
    kws_multiplier multiplier[KWS_LABELS]; /* accumulator units to Q5.10 */
    struct kws_scaling scaling;
    int8_t weights[KWS_LABELS][KWS_UNITS];
};

/* One step: next[] from codes[] and state[] (which must not overlap next[]). */
void kws_gru_step(const struct kws_gru *gru, const int8_t codes[KWS_BANDS], const int16_t state[KWS_UNITS],
                  int16_t next[KWS_UNITS]);

void kws_classify(const struct kws_classifier *classifier, const int16_t state[KWS_UNITS],
                  int16_t logits[KWS_LABELS]);

#endif
