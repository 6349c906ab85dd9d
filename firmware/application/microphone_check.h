/* Measures one second of the microphone: DC, level, noise floor, clipping, and its true sample rate against the core's
 * clock. */
#ifndef MICROPHONE_CHECK_H
#define MICROPHONE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "models.h"

#define MICROPHONE_CHECK_HOPS (1000 / HOP_MS)

struct microphone_check {
    uint8_t hops_left;     /* 0: no check is running */
    bool begun;            /* the first hop, from which the time counts, has come */
    uint16_t clipped;      /* samples at either end of int16 */
    int32_t sum;           /* sum of the samples, below 2^29 */
    uint64_t squares;      /* sum of the squared samples, below 2^44 */
    uint64_t quietest;     /* lowest sum of a hop's squares about its own mean */
    uint32_t begin_hops, begin_cycles;
    uint32_t hops, cycles; /* hops filled and cycles passed from the first hop to the last */
};

struct microphone_report {
    int32_t dc;                     /* in units of an int16 sample */
    uint16_t rms_db10, noise_db10;  /* tenths of a decibel below a square wave of full scale; without the DC */
    uint16_t clipped;
    uint32_t rate_hz;
};

void microphone_check_begin(struct microphone_check *check);

/* Takes a hop, the count of hops filled including it, and the time when it was filled.  Returns whether the second is
 * over. */
bool microphone_check_hop(struct microphone_check *check, const int16_t pcm[HOP_SAMPLES], uint32_t hops_filled,
                          uint32_t cycles);

void microphone_check_report(const struct microphone_check *check, uint32_t clock_hz, struct microphone_report *report);

#endif
