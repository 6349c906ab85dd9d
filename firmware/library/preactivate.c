/* The matrices of a layer: every weight is read once, four neighbouring rows share each load of the vector. */
#include "layer.h"

enum { ROWS_AT_ONCE = 4 };

static void sum_four_rows(const int8_t *row, const int16_t *vector, int columns, int32_t sums[ROWS_AT_ONCE])
{
    const int8_t *second = row + columns, *third = second + columns, *fourth = third + columns;
    const int8_t *const end = second;
    int32_t a = 0, b = 0, c = 0, d = 0;
    while (row != end) {
        const int32_t value = *vector++;
        a += *row++ * value;
        b += *second++ * value;
        c += *third++ * value;
        d += *fourth++ * value;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

static void sum_rows(const int8_t *row, const int16_t *vector, int columns, int rows, int32_t sums[ROWS_AT_ONCE])
{
    if (rows == ROWS_AT_ONCE) {
        sum_four_rows(row, vector, columns, sums);
        return;
    }
    for (int i = 0; i < rows; i++, row += columns) {
        sums[i] = 0;
        for (int column = 0; column < columns; column++)
            sums[i] += row[column] * vector[column];
    }
}

void kws_preactivate(const struct kws_layer *layer, const int16_t *input, const int16_t *state,
                     int16_t *preactivations)
{
    const int rows = layer->units * layer->gates;
    const int split = layer->sums > layer->gates ? layer->gates - 1 : layer->gates; /* the gate whose sums stay apart */
    const int32_t input_unit = 1 << layer->input_shift;
    const int32_t *bias = layer->bias;
    int gate = 0;
    for (int row = 0; row < rows; row += ROWS_AT_ONCE) {
        const int count = rows - row < ROWS_AT_ONCE ? rows - row : ROWS_AT_ONCE;
        int32_t from_input[ROWS_AT_ONCE], from_state[ROWS_AT_ONCE] = {0};
        sum_rows(layer->input_weights + row * layer->inputs, input, layer->inputs, count, from_input);
        if (layer->recurrent_weights)
            sum_rows(layer->recurrent_weights + row * layer->units, state, layer->units, count, from_state);
        for (int i = 0; i < count; i++) {
            const kws_multiplier multiplier = layer->multiplier[row + i];
            const struct kws_scaling scaling = layer->scaling[gate];
            int32_t accumulator = *bias++ + from_input[i] * input_unit;
            if (gate == split) {
                *preactivations++ = (int16_t)kws_requantize(accumulator, multiplier, scaling);
                accumulator = *bias++;
            }
            *preactivations++ = (int16_t)kws_requantize(accumulator + from_state[i], multiplier, scaling);
            gate = gate + 1 < layer->gates ? gate + 1 : 0;
        }
    }
}
