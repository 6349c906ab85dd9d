/* A long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000):
 *     i = sigmoid(Wi x + Ui h + bi)      f = sigmoid(Wf x + Uf h + bf)
 *     g = tanh(Wg x + Ug h + bg)         o = sigmoid(Wo x + Uo h + bo)
 *     c' = f c + i g, saturated          h' = o tanh(c')
 * Memory: h, then c with `format` fraction bits, 11 or 12, as far as c reached in training. */
#include "gates.h"
#include "layer.h"

kws_layer_step kws_lstm_step;

void kws_lstm_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int16_t *preactivations)
{
    int16_t *c = h + layer->units;
    const int coarser = 15 - layer->format;         /* a product of gates is Q0.30, f c has this many bits less */
    const int32_t to_q12 = 1 << (12 - layer->format); /* from c to the table's Q3.12 */
    kws_preactivate(layer, input, h, preactivations);
    const int16_t *sum = preactivations;
    for (int unit = 0; unit < layer->units; unit++, sum += 4) {
        const int32_t i = kws_sigmoid(sum[0]);
        const int32_t f = kws_sigmoid(sum[1]);
        const int32_t g = kws_tanh(sum[2]);
        const int32_t o = kws_sigmoid(sum[3]);
        /* |f c| <= 32767 * 32768 and |i g| <= 2^30 >> 3, so their sum and the half fit 32 bits. */
        const int32_t next = kws_saturate16((f * c[unit] + ((i * g) >> coarser) + (1 << 14)) >> 15);
        c[unit] = (int16_t)next;
        h[unit] = (int16_t)kws_multiply_q15(o, kws_tanh(kws_saturate16(next * to_q12)));
    }
}
