/* One step of CMSIS-NN's LSTM: int8 input and hidden state, int16 cell.  The scales keep the gates from saturating. */
#include "arm_nnfunctions.h"
#include "random.h"

enum { INPUTS = 10, UNITS = 64, GATES = 4 };

static int8_t input_weights[GATES][UNITS * INPUTS], hidden_weights[GATES][UNITS * UNITS];
static int32_t biases[UNITS];
static int8_t input[INPUTS], hidden[UNITS], output[UNITS];
static int16_t first[UNITS], second[UNITS], cell[UNITS];

static cmsis_nn_lstm_gate gate_of(int gate, arm_nn_activation_type activation)
{
    fill(input_weights[gate], UNITS * INPUTS);
    fill(hidden_weights[gate], UNITS * UNITS);
    const cmsis_nn_lstm_gate made = {1 << 30, -1, input_weights[gate], biases, 1 << 30, -1, hidden_weights[gate], biases, biases,
                                     activation};
    return made;
}

int main(void)
{
    fill(input, INPUTS);
    fill(hidden, UNITS);
    const cmsis_nn_lstm_params params = {
        .time_major = 1,
        .batch_size = 1,
        .time_steps = 1,
        .input_size = INPUTS,
        .hidden_size = UNITS,
        .forget_to_cell_multiplier = 1 << 30,
        .forget_to_cell_shift = -14,
        .input_to_cell_multiplier = 1 << 30,
        .input_to_cell_shift = -14,
        .cell_clip = 32767,
        .cell_scale_power = -12,
        .output_multiplier = 1 << 30,
        .output_shift = -21,
        .forget_gate = gate_of(0, ARM_SIGMOID),
        .input_gate = gate_of(1, ARM_SIGMOID),
        .cell_gate = gate_of(2, ARM_TANH),
        .output_gate = gate_of(3, ARM_SIGMOID),
    };
    cmsis_nn_lstm_context buffers = {first, second, cell, hidden};
    return (int)arm_lstm_unidirectional_s8(input, output, &params, &buffers);
}
