/* One step of TinyMind's quantised GRU, in which everything is int8; the reset gate stands before the product. */
#include "qgru.hpp"
#include "random.h"

constexpr int INPUTS = 10, UNITS = 64, GATES = 3;
using Gru = tinymind::QGRUCell<int8_t, int8_t, int32_t, int8_t, int8_t, INPUTS, UNITS>;

static int8_t input_weights[GATES * UNITS * INPUTS], recurrent_weights[GATES * UNITS * UNITS];
static int8_t sigmoid[256], tanh_table[256], input[INPUTS], state[UNITS];
static int32_t biases[GATES * UNITS];

extern "C" __attribute__((noinline)) void tinymind_gru_step(const Gru *gru, const int8_t *x, int8_t *h)
{
    gru->forward(x, h);
}

int main()
{
    fill(input_weights, sizeof input_weights);
    fill(recurrent_weights, sizeof recurrent_weights);
    fill(sigmoid, sizeof sigmoid);
    fill(tanh_table, sizeof tanh_table);
    fill(input, INPUTS);
    fill(state, UNITS);
    constexpr int32_t HALF = 1 << 30; /* Q0.31; a shift is to the right */
    const Gru gru = {input_weights, recurrent_weights, biases,  0,          0,  {HALF, HALF, HALF}, {6, 6, 6}, {HALF, HALF, HALF},
                     {8, 8, 8},     sigmoid,           tanh_table, HALF, 7, HALF,               7,         HALF,
                     7,             -128,              127};
    tinymind_gru_step(&gru, input, state);
    return 0;
}
