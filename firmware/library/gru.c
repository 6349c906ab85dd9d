/* A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), in torch's form with the reset gate after the
 * recurrent product:
 *     r = sigmoid(Wr x + Ur h + br)      z = sigmoid(Wz x + Uz h + bz)
 *     n = tanh(Wn x + bn + r (Un h + cn))      h' = n + z (h - n)
 * Memory: h. */
#include "gates.h"
#include "layer_kernels.h"

kws_layer_step kws_gru_step;

/* Those have gru_armv7m.S; KWS_GRU_IN_C leaves it out, to compare rules of requantisation. */
#if defined(KWS_GRU_IN_C) || defined(KWS_CORE_HELIUM) || !(defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED))

void kws_gru_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int32_t *sums)
{
    const int units = layer->units;
    const struct kws_gate n_input = kws_gate_of(layer, sums, 0), r_gate = kws_gate_of(layer, sums, 1);
    const struct kws_gate z_gate = kws_gate_of(layer, sums, 2), n_state = kws_gate_of(layer, sums, 3);
    kws_accumulate(layer, input, h, sums);
    for (int unit = 0; unit < units; unit += KWS_LANES) {
        const kws_mask mask = kws_mask_of(units - unit);
        const kws_lanes r = kws_sigmoid(kws_preactivation(&r_gate, unit, mask));
        const kws_lanes z = kws_sigmoid(kws_preactivation(&z_gate, unit, mask));
        const kws_lanes gated = kws_multiply_q15(r, kws_preactivation(&n_state, unit, mask));
        const kws_lanes n = kws_tanh(kws_preactivation(&n_input, unit, mask) + gated);
        /* Between n and the old state, so it needs no saturation; |z (h - n)| <= 32767 * 65535. */
        kws_store_int16(h + unit, n + kws_multiply_q15(z, kws_load_int16(h + unit, mask) - n), mask);
    }
}

#endif
