/* The hand-over of hops from the microphone's interrupt to the application: two buffers, filled in turn.
 *
 * The interrupt writes `filled` and `filled_cycles` alone and the application writes the rest, so no lock is needed: one
 * aligned word is stored and loaded at once.  While the application reads one buffer the DMA writes the other; a hop is whole
 * only if no other was filled until its reading ended.  Every hop filled is heard, missed, skipped or still waiting. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

struct handover {
    volatile uint32_t filled;        /* 2 * hops filled + the half that the last of them is in; wraps */
    volatile uint32_t filled_cycles; /* when the last was */
    uint32_t taken;                  /* hops filled when the last was taken */
    uint32_t missed;                 /* filled, but never heard */
};

/* Before the microphone runs; its first hop is to be in half 0. */
void handover_begin(struct handover *handover);

/* In the interrupt: `half` holds a whole hop.  The same half twice: the hop between them was missed. */
void handover_fill(struct handover *handover, uint8_t half, uint32_t cycles);

/* Whether a hop waits; if so the newest, in *half, is to be read at once.  It was filled at filled_cycles if it is whole. */
bool handover_take(struct handover *handover, uint8_t *half);

/* After the reading: whether the hop taken is whole.  It is not where the DMA has begun to write over it. */
bool handover_release(struct handover *handover);

/* What has been filled up to now is neither heard nor missed. */
void handover_skip(struct handover *handover);

uint32_t handover_hops(const struct handover *handover); /* filled since handover_begin; wraps at 2^31 */

/* From one such count to another, later by less than 2^31. */
uint32_t handover_passed(uint32_t from, uint32_t to);

#endif
