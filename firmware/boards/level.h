/* From a microphone's samples to PCM: the mean is taken away before the sound is amplified. */
#ifndef LEVEL_H
#define LEVEL_H
#include <stdint.h>

struct level {
    int32_t mean; /* in the format of level_follow's hop_mean, and six bits more */
    uint8_t hops; /* since the start, up to where the mean is of 64 */
};

/* A hop's mean, of 24 bits.  Returns the mean to be taken away: for 200 ms, in which a microphone settles, the hop's own; then
 * that of all hops since, and from the 64th on (1.3 s) one that follows within as many, and comes to be a constant one exactly. */
int32_t level_follow(struct level *level, int32_t hop_mean);

/* A 16-bit sample, at its bounds where the value is beyond. */
int16_t level_saturate(int32_t value);

#endif
