#include <stdint.h>
#include <string.h>

#include "fused.h"

/* e^x to 2 units in the last place for |x| <= 87: 2^n times a polynomial in the rest, in a form that compilers vectorise. */
static inline float exponential(float x)
{
    const float largest = 87.0f, log2_e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    x = x > largest ? largest : x;
    x = x < -largest ? -largest : x;
    float n = (x * log2_e + 12582912.0f) - 12582912.0f; /* 1.5 * 2^23 rounds to the nearest integer */
    float r = x - n * ln2_high - n * ln2_low;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float sigmoid(float x)
{
    return 1.0f / (1.0f + exponential(-x));
}

/* vz [clips, hops, 2 units]: the sums of v and z, then v and z themselves.  before [clips, units]: s before the first hop. */
void ssm_forward(long first, long last, long hops, long units, float *vz, const float *before, float *s)
{
    for (long clip = first; clip < last; clip++) {
        const float *earlier = before + clip * units;
        for (long hop = 0; hop < hops; hop++) {
            float *restrict v = vz + (clip * hops + hop) * 2 * units, *restrict z = v + units;
            float *restrict now = s + (clip * hops + hop) * units;
            for (long unit = 0; unit < units; unit++)
                v[unit] = 2.0f * sigmoid(2.0f * v[unit]) - 1.0f;
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
