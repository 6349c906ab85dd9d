#include "level.h"

#include "kws.h"

#define START_HOPS (200 / KWS_HOP_MS) /* filters fill and microphones settle */
#define FOLLOW_SHIFT 6
#define FOLLOW_HOPS (1 << FOLLOW_SHIFT)

int32_t level_follow(struct level *level, int32_t hop_mean)
{
    const int32_t half = FOLLOW_HOPS / 2;
    if (level->hops < START_HOPS + FOLLOW_HOPS)
        level->hops++;
    const int32_t settled = level->hops > START_HOPS ? level->hops - START_HOPS : 1;
    if (settled < FOLLOW_HOPS)
        level->mean += (hop_mean * FOLLOW_HOPS - level->mean) / settled; /* below 2^30 */
    else
        level->mean += hop_mean - ((level->mean + half) >> FOLLOW_SHIFT);
    return (level->mean + half) >> FOLLOW_SHIFT;
}

int16_t level_saturate(int32_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}
