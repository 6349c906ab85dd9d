/* The gate of the front end: sleeps while nothing rises above the background, whose energy it follows. */
#include "gate.h"

#include "target.h"

#define MARGIN_SHIFT 3  /* of a hop's samples: a root mean square of 4 in the differences, -78 dB of full scale */
#define RISING_SHIFT 10 /* the floor rises by 1/1024 a hop: ten times in 47 s at hops of 20 ms, longer than people talk on */
#define FALLING_SHIFT 6 /* and falls by 1/64, so that one hop in seventeen of a steady background is below it */

/* The sum of the squares of the differences of halved samples four apart, in eight samples.  A difference is at most 2^15 - 1,
 * so two squares are below 2^31 and four below 2^32. */
#if defined(KWS_CORE_HELIUM)

#include <arm_mve.h>

static inline uint64_t squares_of_eight(uint64_t sum, const int16_t *pcm)
{
    const mve_pred16_t first_four = vctp16q(4);
    const int16x8_t earlier = vshrq_n_s16(vldrhq_z_s16(pcm, first_four), 1);
    const int16x8_t later = vshrq_n_s16(vldrhq_z_s16(pcm + 4, first_four), 1);
    const int16x8_t difference = vsubq_s16(later, earlier);
    return (uint64_t)vmlaldavaq_s16((int64_t)sum, difference, difference);
}

#elif defined(KWS_CORE_DSP)

#include <arm_acle.h>

/* Two neighbouring samples at any multiple of two bytes, halved. */
static inline int16x2_t halves_of(const int16_t *pcm)
{
    int16x2_t pair;
    __builtin_memcpy(&pair, pcm, sizeof pair);
    return __shadd16(pair, 0);
}

static inline uint64_t squares_of_eight(uint64_t sum, const int16_t *pcm)
{
    const int16x2_t first = __ssub16(halves_of(pcm + 4), halves_of(pcm));
    const int16x2_t second = __ssub16(halves_of(pcm + 6), halves_of(pcm + 2));
    return (uint64_t)__smlald(second, second, __smlald(first, first, (int64_t)sum));
}

#else

static inline uint64_t squares_of_eight(uint64_t sum, const int16_t *pcm)
{
    uint32_t of_four = 0;
    for (int place = 0; place < 4; place++) {
        const int32_t difference = (pcm[place + 4] >> 1) - (pcm[place] >> 1);
        of_four += (uint32_t)(difference * difference);
    }
    return sum + of_four;
}

#endif

/* The energy of the differences, which is that of speech without rumble and a constant offset: the 160 squares of a hop of
 * 20 ms, / 64, are below 2^31.33; the floor exceeds the largest energy by no more than 1/1024 of it, so one and a half times
 * the floor are below 2^32. */
static uint32_t energy_of(const int16_t *pcm, int hop_samples)
{
    uint64_t sum = 0;
    for (const int16_t *end = pcm + hop_samples; pcm < end; pcm += 8)
        sum = squares_of_eight(sum, pcm);
    return (uint32_t)(sum >> 6);
}

/* The floor after a hop, whose level moves it by its side alone: a loud word moves it no more than a faint one. */
static uint32_t followed(uint32_t floor, uint32_t level)
{
    if (level < floor)
        return floor - (floor >> FALLING_SHIFT) - 1;
    return level == floor ? floor : floor + (floor >> RISING_SHIFT) + 1;
}

bool kws_gate_hop(struct kws_level_gate *gate, const int16_t *pcm, int hop_samples)
{
    const bool first = !gate->begun;
    const uint32_t energy = energy_of(pcm, hop_samples);
    if (first)
        gate->floor = gate->level = energy;
    gate->begun = 1;
    const int shift = hop_samples == KWS_LONG_HOP_SAMPLES ? 1 : 2; /* about 40 ms */
    gate->level = gate->level - (gate->level >> shift) + (energy >> shift);
    const uint32_t usual = gate->floor + ((uint32_t)hop_samples >> MARGIN_SHIFT);
    if (first || gate->level > usual + (usual >> 1))
        gate->awake_hops = kws_awake_hops(hop_samples);
    else if (gate->awake_hops)
        gate->awake_hops--;
    gate->floor = followed(gate->floor, gate->level);
    return gate->awake_hops > 0;
}
