#include <string.h>

#include "fused.h"
#include "sigmoid.h"

enum { TILE = 32 }; /* sums that stay in registers */

/* to [columns] += weights [rows, columns] transposed times from [rows]. */
static void add_product(long rows, long columns, const float *restrict weights, const float *restrict from,
                        float *restrict to)
{
    long column = 0;
    for (; column + TILE <= columns; column += TILE) {
        float sums[TILE] = {0};
        for (long row = 0; row < rows; row++)
            for (long place = 0; place < TILE; place++)
                sums[place] += weights[row * columns + column + place] * from[row];
        for (long place = 0; place < TILE; place++)
            to[column + place] += sums[place];
    }
    for (long row = 0; row < rows; row++)
        for (long last = column; last < columns; last++)
            to[last] += weights[row * columns + last] * from[row];
}

/* gates [clips, hops, 3 units]: the sums of r, z and n over the input with their biases, then r, z and n themselves.
   weights [units, 3 units]: of the state, a row for each of its units.  bias [units]: of n's sum over the state.
   before [clips, units]: h before the first hop.  from_state [clips, hops, units]: n's sums over the state. */
void gru_forward(long first, long last, long hops, long units, float *gates, const float *weights, const float *bias,
                 const float *before, float *from_state, float *h)
{
    for (long clip = first; clip < last; clip++) {
        const float *earlier = before + clip * units;
        for (long hop = 0; hop < hops; hop++) {
            long row = clip * hops + hop;
            float *restrict r = gates + row * 3 * units, *restrict z = r + units, *restrict n = z + units;
            float *restrict given = from_state + row * units, *restrict now = h + row * units;
            float sums[3 * units];
            memset(sums, 0, sizeof sums);
            add_product(units, 3 * units, weights, earlier, sums);
            for (long unit = 0; unit < units; unit++)
                r[unit] = sigmoid(r[unit] + sums[unit]);
            for (long unit = 0; unit < units; unit++)
                z[unit] = sigmoid(z[unit] + sums[units + unit]);
            for (long unit = 0; unit < units; unit++)
                given[unit] = sums[2 * units + unit] + bias[unit];
            for (long unit = 0; unit < units; unit++)
                n[unit] = hyperbolic_tangent(n[unit] + r[unit] * given[unit]);
            for (long unit = 0; unit < units; unit++)
                now[unit] = n[unit] + z[unit] * (earlier[unit] - n[unit]);
            earlier = now;
        }
    }
}

/* A hop backwards: carried is the gradient of h after it, from later hops, and then the part of that of h before it which
   does not pass through a sum. */
static void hop_backward(long units, const float *restrict gates, const float *restrict earlier,
                         const float *restrict given, const float *restrict of_h, float *restrict of_gates,
                         float *restrict of_given, float *restrict carried)
{
    const float *restrict r = gates, *restrict z = r + units, *restrict n = z + units;
    float *restrict of_r = of_gates, *restrict of_z = of_r + units, *restrict of_n = of_z + units;
    for (long unit = 0; unit < units; unit++) {
        float gradient = of_h[unit] + carried[unit];
        float of_sum = gradient * (1.0f - z[unit]) * (1.0f - n[unit] * n[unit]);
        of_n[unit] = of_sum;
        of_given[unit] = of_sum * r[unit];
        of_r[unit] = of_sum * given[unit] * r[unit] * (1.0f - r[unit]);
        of_z[unit] = gradient * (earlier[unit] - n[unit]) * z[unit] * (1.0f - z[unit]);
        carried[unit] = gradient * z[unit];
    }
}

/* weights [3 units, units]: of the state, a row for each sum.  of_h: the gradient of h at every hop; of_gates and
   of_from_state: those of the sums over the input and of n's over the state; of_before: that of h before the first hop. */
void gru_backward(long first, long last, long hops, long units, const float *gates, const float *weights,
                  const float *before, const float *from_state, const float *h, const float *of_h, float *of_gates,
                  float *of_from_state, float *of_before)
{
    for (long clip = first; clip < last; clip++) {
        float *carried = of_before + clip * units;
        memset(carried, 0, (size_t)units * sizeof *carried);
        for (long hop = hops - 1; hop >= 0; hop--) {
            long row = clip * hops + hop;
            const float *earlier = hop ? h + (row - 1) * units : before + clip * units;
            float *of_sums = of_gates + row * 3 * units, *of_given = of_from_state + row * units;
            hop_backward(units, gates + row * 3 * units, earlier, from_state + row * units, of_h + row * units, of_sums,
                         of_given, carried);
            add_product(2 * units, units, weights, of_sums, carried);
            add_product(units, units, weights + 2 * units * units, of_given, carried);
        }
    }
}
