/* Sigmoid and tanh in forms that compilers vectorise. */
#ifndef SIGMOID_H
#define SIGMOID_H

#include <stdint.h>
#include <string.h>

/* e^x to 2 units in the last place for |x| <= 87: 2^n times a polynomial in the rest. */
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

static inline float hyperbolic_tangent(float x)
{
    return 2.0f * sigmoid(2.0f * x) - 1.0f;
}

#endif
