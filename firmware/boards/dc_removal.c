#include "dc_removal.h"

#include "models.h"

#define START_HOPS (200 / HOP_MS) /* filters fill and microphones settle */
#define FOLLOW_SHIFT 6
#define FOLLOW_HOPS (1 << FOLLOW_SHIFT)

int32_t dc_follow(struct dc *dc, int32_t hop_mean)
{
    const int32_t half = FOLLOW_HOPS / 2;
    if (dc->hops < START_HOPS + FOLLOW_HOPS)
        dc->hops++;
    const int32_t settled = dc->hops > START_HOPS ? dc->hops - START_HOPS : 1;
    if (settled < FOLLOW_HOPS)
        dc->mean += (hop_mean * FOLLOW_HOPS - dc->mean) / settled; /* below 2^30 */
    else
        dc->mean += hop_mean - ((dc->mean + half) >> FOLLOW_SHIFT);
    return (dc->mean + half) >> FOLLOW_SHIFT;
}

int16_t saturate_int16(int32_t value)
{
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}
