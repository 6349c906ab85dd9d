/* A long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000):
 *     i = sigmoid(Wi x + Ui h + bi)      f = sigmoid(Wf x + Uf h + bf)
 *     g = tanh(Wg x + Ug h + bg)         o = sigmoid(Wo x + Uo h + bo)
 *     c' = f c + i g, saturated          h' = o tanh(c')
 * Memory: h, then c with `format` fraction bits, 11 or 12, by the range of c in training. */
#include "gates.h"
#include "layer_kernels.h"

kws_layer_step kws_lstm_step;

void kws_lstm_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int32_t *sums)
{
    const int units = layer->units;
    const struct kws_gate i_gate = kws_gate_of(layer, sums, 0), f_gate = kws_gate_of(layer, sums, 1);
    const struct kws_gate g_gate = kws_gate_of(layer, sums, 2), o_gate = kws_gate_of(layer, sums, 3);
    int16_t *c = h + units;
    const int coarser = 15 - layer->format;         /* a product of gates is Q0.30, f c has this many fraction bits fewer */
    const int32_t to_q12 = 1 << (12 - layer->format); /* from c to the table's Q3.12 */
    kws_accumulate(layer, input, h, sums);
    for (int unit = 0; unit < units; unit += KWS_LANES) {
        const kws_mask mask = kws_mask_of(units - unit);
        const kws_lanes i = kws_sigmoid(kws_preactivation(&i_gate, unit, mask));
        const kws_lanes f = kws_sigmoid(kws_preactivation(&f_gate, unit, mask));
        const kws_lanes g = kws_tanh(kws_wide_preactivation(&g_gate, unit, mask));
        const kws_lanes o = kws_sigmoid(kws_preactivation(&o_gate, unit, mask));
        const kws_lanes kept = f * kws_load_int16(c + unit, mask);
        /* |f c| <= 32767 * 32768 and |i g| <= 2^30 >> 3, so their sum and the half fit 32 bits. */
        const kws_lanes next = kws_saturate16((kept + ((i * g) >> coarser) + (1 << 14)) >> 15);
        kws_store_int16(c + unit, next, mask);
        kws_store_int16(h + unit, kws_multiply_q15(o, kws_tanh(next * to_q12)), mask);
    }
}
