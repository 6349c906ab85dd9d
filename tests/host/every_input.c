/* The primitives whose domain is small enough, for every input there is, against their definition in wider integers.
 *
 * The definitions are of doubles and of 64 bits and share nothing with the library.  Prints a line for each primitive; the
 * first input with another result ends the program with status 1. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "frontend.h"
#include "gates.h"
#include "primitives.h"

int main(void);

static const char *primitive;

static void require(int right, int64_t a, int64_t b)
{
    if (right)
        return;
    printf("%s: wrong for %" PRId64 ", %" PRId64 "\n", primitive, a, b);
    exit(1);
}

/* The loops below are of a form that compilers vectorise: they look for a wrong result only at the end of a row. */

static void saturation(void)
{
    primitive = "kws_saturate16";
    for (uint32_t high = 0; high < 1u << 16; high++) {
        int wrong = 0;
        for (uint32_t low = 0; low < 1u << 16; low++) {
            const int32_t value = (int32_t)(high << 16 | low);
            wrong |= kws_saturate16(value) != (value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
        }
        require(!wrong, high, 0);
    }
    printf("%s: 4294967296 inputs\n", primitive);
    primitive = "kws_saturate16_twice";
    for (int32_t high = -(1 << 14); high < 1 << 14; high++) {
        int wrong = 0;
        for (int32_t low = 0; low < 1 << 16; low++) {
            const int32_t value = high * (1 << 16) + low;
            const int32_t wanted = value < INT16_MIN / 2 ? INT16_MIN : value > INT16_MAX / 2 ? INT16_MAX : 2 * value;
            wrong |= kws_saturate16_twice(value) != wanted;
        }
        require(!wrong, high, 0);
    }
    printf("%s: 2147483648 inputs\n", primitive);
}

static void zeros(void)
{
    primitive = "kws_leading_zeros";
    for (uint32_t bit = 0; bit < 32; bit++) {
        uint32_t wrong = 0;
        for (uint32_t rest = 0; rest < 1u << bit; rest++)
            wrong |= kws_leading_zeros(1u << bit | rest) ^ (31 - bit);
        require(!wrong, bit, 0);
    }
    printf("%s: 4294967295 inputs\n", primitive);
}

static void products(void)
{
    primitive = "kws_multiply_q15";
    for (int32_t a = 0; a <= INT16_MAX; a++) {
        int wrong = 0;
        for (int32_t b = -UINT16_MAX; b <= UINT16_MAX; b++)
            wrong |= kws_multiply_q15(a, b) != ((int64_t)a * b + (1 << 14)) >> 15;
        require(!wrong, a, 0);
    }
    printf("%s: 4294934528 pairs\n", primitive);
}

/* |error| of the logistic function at most 2.6e-4; it never falls. */
static void logistic(void)
{
    primitive = "kws_sigmoid";
    int32_t before = 0;
    for (int32_t x = INT16_MIN; x <= INT16_MAX; x++) {
        const int32_t found = kws_sigmoid(x);
        require(found >= before && fabs(found / 32768.0 - 1 / (1 + exp(-x / 4096.0))) <= 2.6e-4, x, 0);
        before = found;
    }
    printf("%s: 65536 inputs\n", primitive);
}

/* |error| at most 5e-4 up to 3.9 and 8e-4 beyond, every code odd, never falling, for all that kws_preactivation can give. */
static void tangent(void)
{
    primitive = "kws_tanh";
    int32_t before = -INT16_MAX;
    for (int32_t x = -(1 << 30); x < 1 << 30; x++) {
        const int32_t found = kws_tanh(x);
        require(found >= before && found & 1, x, 0);
        if (x >= -UINT16_MAX && x <= UINT16_MAX)
            require(fabs(found / 32768.0 - tanh(x / 4096.0)) <= (abs(x) <= 3.9 * 4096 ? 5e-4 : 8e-4), x, 0);
        before = found;
    }
    require(before == kws_tanh(INT16_MAX) && kws_tanh(-(1 << 30)) == kws_tanh(INT16_MIN), 0, 0);
    printf("%s: 2147483648 inputs\n", primitive);
}

/* The result depends on the exponent and the upper 22 bits of the mantissa: the lowest and the highest value of each such
 * interval stand for all between.  Low by at most .0007 of log2, never above by more than a rounding of the table; the level
 * of an energy at most .52 of a code from the exact one, and never falling. */
static void logarithms(void)
{
    primitive = "kws_log2, kws_log_code";
    const double gain = 9.8 * log(2), floor_log2 = log2(KWS_ENERGY_FLOOR);
    static double exact[2][1 << 21];
    for (uint32_t step = 0; step < 1u << 21; step++) {
        exact[0][step] = log2((double)((1ull << 31) + ((uint64_t)step << 10))) - 31;
        exact[1][step] = log2((double)((1ull << 31) + ((uint64_t)step << 10) + 1023)) - 31;
    }
    uint64_t count = 0;
    int32_t code_before = -128;
    for (int exponent = 0; exponent < 64; exponent++) {
        for (uint64_t step = 0; step < 1u << 21; step++) {
            const int spare = exponent - 21; /* bits below the 22; values below 2^21 have fewer than 22 */
            if (spare < 0 && step & ((1ull << -spare) - 1))
                continue;
            const uint64_t first = (1ull << 21) + step;
            const uint64_t low = spare < 0 ? first >> -spare : first << spare;
            const uint64_t high = spare < 0 ? low : low + (1ull << spare) - 1;
            const uint32_t found = kws_log2(low);
            require(found == kws_log2(high), (int64_t)low, (int64_t)high);
            const double error = found / 2048.0 - exponent - exact[0][step];
            const double error_high = found / 2048.0 - exponent - exact[exponent > 21][step];
            require(error <= .0001 && error_high >= -.0007, (int64_t)low, (int64_t)high);
            count++;
            if (low >= KWS_ENERGY_FLOOR && high - KWS_ENERGY_FLOOR < 1ull << 48) {
                const int32_t code = kws_log_code(low - KWS_ENERGY_FLOOR);
                const double wanted = fmin(gain * (exponent + exact[0][step] - floor_log2) - 128, 127);
                require(code >= code_before && fabs(code - wanted) <= .52, (int64_t)low, code);
                code_before = code;
            }
        }
    }
    printf("%s: %" PRIu64 " intervals, which are all values of 64 bits\n", primitive, count);
}

int main(void)
{
    logistic();
    tangent();
    logarithms();
    zeros();
    products();
    saturation();
    return 0;
}
