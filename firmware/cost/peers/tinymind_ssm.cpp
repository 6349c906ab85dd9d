/* One step of TinyMind's selective state-space layer: a hard sigmoid as the gate, no matrix, no candidate's tanh, int8 output. */
#include "qssm.hpp"
#include "random.h"

constexpr int UNITS = 64;
using Ssm = tinymind::QSelectiveStateSpace1D<int8_t, int32_t, int8_t, 1, UNITS>;

static int8_t input[UNITS], output[UNITS];
static int32_t multiplier[UNITS], shift[UNITS], bias[UNITS];
static Ssm::State state;

extern "C" __attribute__((noinline)) void tinymind_ssm_step(const Ssm *ssm, const int8_t *x, Ssm::State *s, int8_t *y)
{
    ssm->step(x, *s, y);
}

int main()
{
    fill(input, UNITS);
    for (int unit = 0; unit < UNITS; unit++) {
        multiplier[unit] = 1 << 30; /* Q0.31 */
        bias[unit] = 1 << 14; /* half open */
        state.s[unit] = 1000 * random_weight();
    }
    const Ssm ssm = {0, 0, -128, 127, multiplier, shift, multiplier, shift, multiplier, shift, nullptr, nullptr, multiplier, shift, bias};
    tinymind_ssm_step(&ssm, input, &state, output);
    return 0;
}
