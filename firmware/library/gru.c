/* A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), in torch's form with the reset gate after the
 * recurrent product:
 *     r = sigmoid(Wr x + Ur h + br)      z = sigmoid(Wz x + Uz h + bz)
 *     n = tanh(Wn x + bn + r (Un h + cn))      h' = n + z (h - n)
 * Memory: h. */
#include "gates.h"
#include "layer.h"

kws_layer_step kws_gru_step;

void kws_gru_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int16_t *preactivations)
{
    kws_preactivate(layer, input, h, preactivations);
    const int16_t *sum = preactivations; /* of r, z, n beside the input, n beside the state */
    for (int unit = 0; unit < layer->units; unit++, sum += 4) {
        const int32_t r = kws_sigmoid(sum[0]);
        const int32_t z = kws_sigmoid(sum[1]);
        const int32_t n = kws_tanh(kws_saturate16(sum[2] + kws_multiply_q15(r, sum[3])));
        /* Between n and the old state, so it needs no saturation; |z (h - n)| <= 32767 * 65535. */
        h[unit] = (int16_t)(n + kws_multiply_q15(z, h[unit] - n));
    }
}
