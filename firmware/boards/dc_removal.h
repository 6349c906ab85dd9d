/* From a microphone's samples to PCM: the mean is subtracted before the sound is amplified. */
#ifndef DC_REMOVAL_H
#define DC_REMOVAL_H
#include <stdint.h>

struct dc {
    int32_t mean; /* in the format of dc_follow's hop_mean, with six more fraction bits */
    uint8_t hops; /* since the start, counted until the mean covers 64 */
};

/* hop_mean: a hop's mean, of 24 bits.  Returns the mean to subtract.  For the first 200 ms, while a microphone settles, it
 * is the hop's own; then it is that of all hops since.  From the 64th on (1.3 s) it follows within 64 hops, and it reaches a
 * constant mean exactly. */
int32_t dc_follow(struct dc *dc, int32_t hop_mean);

/* Saturates a value to a 16-bit sample. */
int16_t saturate_int16(int32_t value);

#endif
