/* What one second of the microphone is like: constant part, level, noise floor, clipping, and its true sample rate
 * against the core's clock. */
#ifndef MICROPHONE_CHECK_H
#define MICROPHONE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "models.h"

#define MICROPHONE_CHECK_HOPS (1000 / HOP_MS)

struct microphone_check {
    uint8_t hops_left;     /* 0: none is going on */
    bool begun;            /* the hop that the time counts from has come */
    uint16_t clipped;      /* samples at either end of int16 */
    int32_t sum;           /* of samples, below 2^29 */
    uint64_t squares;      /* of samples, summed: below 2^44 */
    uint64_t quietest;     /* hop's squares about its own mean, summed */
    uint32_t begin_hops, begin_cycles;
    uint32_t hops, cycles; /* filled and passed from the first hop to the last */
};

struct microphone_report {
    int32_t dc;                     /* in units of an int16 sample */
    uint16_t rms_db10, noise_db10;  /* tenths of a decibel below a square wave of full scale; without the DC */
    uint16_t clipped;
    uint32_t rate_hz;
};

void microphone_check_begin(struct microphone_check *check);

/* A hop, how many were filled with it, and when it was.  Returns whether the second is over. */
bool microphone_check_hop(struct microphone_check *check, const int16_t pcm[HOP_SAMPLES], uint32_t hops_filled,
                          uint32_t cycles);

void microphone_check_report(const struct microphone_check *check, uint32_t clock_hz, struct microphone_report *report);

#endif
