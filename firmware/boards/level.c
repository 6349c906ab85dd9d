#include "level.h"

#define FOLLOW_SHIFT 6

int32_t level_follow(struct level *level, int32_t hop_mean)
{
    level->mean = level->known ? level->mean + ((hop_mean - level->mean) >> FOLLOW_SHIFT) : hop_mean;
    level->known = true;
    return level->mean;
}

int16_t level_saturate(int32_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}
