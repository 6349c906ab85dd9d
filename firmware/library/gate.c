/* The gate of the front end: sleeps while nothing rises above the background, whose energy it follows. */
#include "gate.h"

#define AWAKE_HOPS 50   /* of 20 ms: a second */
#define MARGIN_SHIFT 3  /* of a hop's samples: a root mean square of 4 in the differences, -78 dB of full scale */
#define RISING_SHIFT 10 /* the floor rises by 1/1024 a hop: ten times in 47 s at hops of 20 ms, longer than people talk on */
#define FALLING_SHIFT 6 /* and falls by 1/64, so that one hop in seventeen of a steady background is below it */
#define LONG_HOP_SAMPLES 320

/* The energy of the differences of halved samples four apart, which is that of speech without rumble and a constant offset.
 * A difference is at most 2^15 - 1, so four squares are below 2^32 and the 160 of a hop of 20 ms, / 64, below 2^31.33; the
 * floor exceeds the largest energy by no more than 1/1024 of it, so one and a half times the floor are below 2^32. */
static uint32_t energy_of(const int16_t *pcm, int hop_samples)
{
    uint64_t sum = 0;
    for (const int16_t *end = pcm + hop_samples; pcm < end; pcm += 8) {
        uint32_t of_four = 0;
        for (int place = 0; place < 4; place++) {
            const int32_t difference = (pcm[place + 4] >> 1) - (pcm[place] >> 1);
            of_four += (uint32_t)(difference * difference);
        }
        sum += of_four;
    }
    return (uint32_t)(sum >> 6);
}

/* The floor after a hop, whose level moves it by its side alone: a loud word moves it no more than a faint one. */
static uint32_t followed(uint32_t floor, uint32_t level)
{
    if (level < floor)
        return floor - (floor >> FALLING_SHIFT) - 1;
    return level == floor ? floor : floor + (floor >> RISING_SHIFT) + 1;
}

bool kws_gate_hop(struct kws_gate *gate, const int16_t *pcm, int hop_samples, bool first)
{
    const uint32_t energy = energy_of(pcm, hop_samples);
    if (first)
        gate->floor = gate->level = energy;
    const int shift = hop_samples == LONG_HOP_SAMPLES ? 1 : 2; /* about 40 ms */
    gate->level = gate->level - (gate->level >> shift) + (energy >> shift);
    const uint32_t usual = gate->floor + ((uint32_t)hop_samples >> MARGIN_SHIFT);
    if (first || gate->level > usual + (usual >> 1))
        gate->awake_hops = hop_samples == LONG_HOP_SAMPLES ? AWAKE_HOPS : 2 * AWAKE_HOPS;
    else if (gate->awake_hops)
        gate->awake_hops--;
    gate->floor = followed(gate->floor, gate->level);
    return gate->awake_hops > 0;
}
