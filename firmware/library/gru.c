/* A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), in torch's form with the reset gate after the
 * recurrent product:
 *     r = sigmoid(Wr x + Ur h + br)      z = sigmoid(Wz x + Uz h + bz)
 *     n = tanh(Wn x + bn + r (Un h + cn))      h' = n + z (h - n)                                         */
#include "cell.h"
#include "tables.h"

struct gate_sums {
    int32_t r, z, n;
};

/* Three rows of weights at once, so that each value is loaded once. */
static inline struct gate_sums sum_codes(const int8_t rows[KWS_GATES][KWS_BANDS], const int8_t codes[KWS_BANDS])
{
    struct gate_sums sums = {0, 0, 0};
    for (int i = 0; i < KWS_BANDS; i++) {
        sums.r += rows[0][i] * codes[i];
        sums.z += rows[1][i] * codes[i];
        sums.n += rows[2][i] * codes[i];
    }
    return sums;
}

static inline struct gate_sums sum_states(const int8_t rows[KWS_GATES][KWS_UNITS], const int16_t state[KWS_UNITS])
{
    struct gate_sums sums = {0, 0, 0};
    for (int i = 0; i < KWS_UNITS; i++) {
        sums.r += rows[0][i] * state[i];
        sums.z += rows[1][i] * state[i];
        sums.n += rows[2][i] * state[i];
    }
    return sums;
}

void kws_gru_step(const struct kws_gru *gru, const int8_t codes[KWS_BANDS], const int16_t state[KWS_UNITS],
                  int16_t next[KWS_UNITS])
{
    const int32_t code_unit = 1 << KWS_CODE_SHIFT; /* a code's last place in units of the state's */
    for (int unit = 0; unit < KWS_UNITS; unit++) {
        const struct gate_sums input = sum_codes(gru->input_weights[unit], codes);
        const struct gate_sums recurrent = sum_states(gru->recurrent_weights[unit], state);
        const int32_t *bias = gru->bias[unit];
        const kws_multiplier *multiplier = gru->multiplier[unit];
        const struct kws_scaling *scaling = gru->scaling;

        /* Pre-activations, Q3.12. */
        const int32_t r_input = kws_requantize(bias[0] + input.r * code_unit + recurrent.r, multiplier[0], scaling[0]);
        const int32_t z_input = kws_requantize(bias[1] + input.z * code_unit + recurrent.z, multiplier[1], scaling[1]);
        const int32_t n_from_codes = kws_requantize(bias[2] + input.n * code_unit, multiplier[2], scaling[2]);
        const int32_t n_from_state = kws_requantize(bias[3] + recurrent.n, multiplier[2], scaling[2]);

        /* Gates, Q0.15. */
        const int32_t r = kws_interpolate(kws_sigmoid_table, r_input);
        const int32_t z = kws_interpolate(kws_sigmoid_table, z_input);
        const int32_t n = kws_interpolate(kws_tanh_table, kws_saturate16(n_from_codes + kws_multiply_q15(r, n_from_state)));
        /* Between n and the old state, so it needs no saturation; |z (h - n)| <= 32767 * 65535. */
        next[unit] = (int16_t)(n + kws_multiply_q15(z, state[unit] - n));
    }
}
