/* From a microphone's samples to PCM: the mean is taken away before the sound is amplified. */
#ifndef LEVEL_H
#define LEVEL_H
#include <stdbool.h>
#include <stdint.h>

struct level {
    int32_t mean; /* in the format of level_follow's hop_mean, and six bits more */
    bool known;
};

/* A hop's mean, below 2^24.  Returns the mean to be taken away, which follows that of the hops within 64 of them, 1.3 s, and
 * comes to be a constant one exactly. */
int32_t level_follow(struct level *level, int32_t hop_mean);

/* A 16-bit sample, at its bounds where the value is beyond. */
int16_t level_saturate(int32_t value);

#endif
