/* Pseudo-random weights and inputs of the steps that are counted. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* -32..31, the same sequence in every program. */
static int8_t random_weight(void)
{
    static uint32_t bits = 1;
    bits = bits * 1664525u + 1013904223u;
    return (int8_t)((int32_t)(bits >> 16 & 63) - 32);
}

static void fill(int8_t *values, int count)
{
    for (int i = 0; i < count; i++)
        values[i] = random_weight();
}

#endif
