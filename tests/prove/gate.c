/* The gate: a hop of any sound, the first of a stream or not, from any level and floor that it can reach. */
#include "gate.h"

#include "any.h"

/* The largest energy is 160 (2^15 - 1)^2 / 64; with room for what intervals lose: 2.45 % for the level and what the floor may be
 * above it. */
#define LARGEST_LEVEL 2750000000u
#define LARGEST_FLOOR (LARGEST_LEVEL + (LARGEST_LEVEL >> 10) + 1)

static void hop(int hop_samples)
{
    struct kws_level_gate gate;
    int16_t pcm[320];
    ANY(pcm);
    ANY(gate);
    gate.level = Frama_C_unsigned_int_interval(0, LARGEST_LEVEL);
    gate.floor = Frama_C_unsigned_int_interval(0, LARGEST_FLOOR);
    kws_gate_hop(&gate, pcm + 320 - hop_samples, hop_samples);
    /*@ assert gate.level <= LARGEST_LEVEL; */
    /*@ assert gate.floor <= LARGEST_FLOOR; */
}

int main(void)
{
    hop(160);
    hop(320);
    /*@ assert end: \true; */
    return 0;
}
