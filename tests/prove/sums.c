/* The sums of a layer as the library computes them; then what intervals have lost, and the export asserts for every row: no
 * input brings an accumulator beyond its bound. */
#include "bounds.h"
#include "kws_model.h"
#include "model.h"

#define kws_accumulate kws_accumulate_as_it_ships
#include "accumulate.c"
#undef kws_accumulate

void kws_accumulate(const struct kws_layer *layer, const int16_t *input, const int16_t *state, int32_t *sums)
{
    const int32_t *bound = bounds;
    for (const struct kws_layer *before = MODEL.layers; before < layer; before++)
        bound += before->sums * before->units;
    kws_accumulate_as_it_ships(layer, input, state, sums);
    for (int i = 0; i < layer->sums * layer->units; i++) {
        /*@ admit -bound[i] <= sums[i] <= bound[i]; */
    }
}
