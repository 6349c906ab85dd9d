#include <string.h>

#include "fused.h"
#include "sigmoid.h"

/* vz [clips, hops, 2 units]: the sums of v and z, then v and z themselves.  before [clips, units]: s before the first hop. */
void ssm_forward(long first, long last, long hops, long units, float *vz, const float *before, float *s)
{
    for (long clip = first; clip < last; clip++) {
        const float *earlier = before + clip * units;
        for (long hop = 0; hop < hops; hop++) {
            float *restrict v = vz + (clip * hops + hop) * 2 * units, *restrict z = v + units;
            float *restrict now = s + (clip * hops + hop) * units;
            for (long unit = 0; unit < units; unit++)
                v[unit] = hyperbolic_tangent(v[unit]);
            for (long unit = 0; unit < units; unit++)
                z[unit] = sigmoid(z[unit]);
            for (long unit = 0; unit < units; unit++)
                now[unit] = earlier[unit] + z[unit] * (v[unit] - earlier[unit]);
            earlier = now;
        }
    }
}

/* A hop backwards: carried is the gradient of s after it, from later hops, and then that of s before it. */
static void hop_backward(long units, const float *restrict v, const float *restrict z, const float *restrict earlier,
                         const float *restrict of_s, float *restrict of_v, float *restrict of_z, float *restrict carried)
{
    for (long unit = 0; unit < units; unit++) {
        float gradient = of_s[unit] + carried[unit];
        of_v[unit] = gradient * z[unit] * (1.0f - v[unit] * v[unit]);
        of_z[unit] = gradient * (v[unit] - earlier[unit]) * z[unit] * (1.0f - z[unit]);
        carried[unit] = gradient * (1.0f - z[unit]);
    }
}

/* of_s: the gradient of s at every hop; of_sums [clips, hops, 2 units]: that of the sums; of_before: that of s before the
   first hop. */
void ssm_backward(long first, long last, long hops, long units, const float *vz, const float *before, const float *s,
                  const float *of_s, float *of_sums, float *of_before)
{
    for (long clip = first; clip < last; clip++) {
        float *carried = of_before + clip * units;
        memset(carried, 0, (size_t)units * sizeof *carried);
        for (long hop = hops - 1; hop >= 0; hop--) {
            long row = clip * hops + hop;
            const float *v = vz + row * 2 * units, *earlier = hop ? s + (row - 1) * units : before + clip * units;
            float *of_v = of_sums + row * 2 * units;
            hop_backward(units, v, v + units, earlier, of_s + row * units, of_v, of_v + units, carried);
        }
    }
}
