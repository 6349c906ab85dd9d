/* Candidate rule: a 64-bit product, any shift, rounded once. */
#if !defined(KWS_REQUANTIZE_H) && !defined(__ASSEMBLER__)
#define KWS_REQUANTIZE_H
#define KWS_SCALING_H

#include <stdint.h>

#include "lanes.h"

typedef int32_t kws_multiplier;

struct kws_scaling {
    uint8_t accumulator_shift; /* unused */
    uint8_t right_shift;
};

static inline int32_t kws_load_multiplier(const kws_multiplier *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline int32_t kws_rescale(int32_t accumulator, kws_multiplier multiplier, struct kws_scaling scaling)
{
    const int64_t half = (int64_t)1 << (scaling.right_shift - 1);
    return (int32_t)(((int64_t)accumulator * multiplier + half) >> scaling.right_shift);
}

static inline int32_t kws_requantize(int32_t accumulator, kws_multiplier multiplier, struct kws_scaling scaling)
{
    return kws_saturate16(kws_rescale(accumulator, multiplier, scaling));
}

#endif
