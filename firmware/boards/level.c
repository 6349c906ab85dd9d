#include "level.h"

#define FOLLOW_SHIFT 6

int32_t level_follow(struct level *level, int32_t hop_mean)
{
    const int32_t half = 1 << (FOLLOW_SHIFT - 1);
    if (level->known)
        level->mean += hop_mean - ((level->mean + half) >> FOLLOW_SHIFT);
    else
        level->mean = hop_mean * (1 << FOLLOW_SHIFT);
    level->known = true;
    return (level->mean + half) >> FOLLOW_SHIFT;
}

int16_t level_saturate(int32_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}
