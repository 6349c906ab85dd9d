/* From a microphone's samples to PCM: the mean is taken away before the sound is amplified. */
#ifndef DC_REMOVAL_H
#define DC_REMOVAL_H
#include <stdint.h>

struct dc {
    int32_t mean; /* in the format of dc_follow's hop_mean, and six bits more */
    uint8_t hops; /* since the start, up to where the mean is of 64 */
};

/* A hop's mean, of 24 bits.  Returns the mean to be taken away: for 200 ms, in which a microphone settles, the hop's own; then
 * that of all hops since, and from the 64th on (1.3 s) one that follows within as many, and comes to be a constant one exactly. */
int32_t dc_follow(struct dc *dc, int32_t hop_mean);

/* A 16-bit sample, at its bounds where the value is beyond. */
int16_t saturate_int16(int32_t value);

#endif
