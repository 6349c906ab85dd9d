/* The hand-over of hops from the microphone's interrupt to the application: two buffers, filled in turn.
 *
 * The interrupt writes only `filled` and `filled_cycles`; the application writes the rest.  No lock is needed, because an
 * aligned word is stored and loaded atomically.  While the application reads one buffer the DMA writes the other; a hop is
 * whole only if no other hop was filled before its reading ended.  Every hop filled is heard, missed, skipped or still
 * waiting. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

struct handover {
    volatile uint32_t filled;        /* 2 * hops filled + the half that the last of them is in; wraps */
    volatile uint32_t filled_cycles; /* board_cycles() when the last was filled */
    uint32_t taken;                  /* hops filled when the last was taken */
    uint32_t missed;                 /* filled, but never heard */
};

/* Before the microphone runs; its first hop is to be in half 0. */
void handover_begin(struct handover *handover);

/* In the interrupt: `half` holds a whole hop.  If the same half comes twice, the hop between was missed. */
void handover_fill(struct handover *handover, uint8_t half, uint32_t cycles);

/* Returns whether a hop is waiting.  If so, the newest is in *half and must be read at once; if it is whole, it was filled
 * at filled_cycles. */
bool handover_take(struct handover *handover, uint8_t *half);

/* Called after the reading.  Returns whether the hop taken is whole, that is, whether the DMA has not begun to overwrite
 * it. */
bool handover_release(struct handover *handover);

/* Hops filled up to now count as neither heard nor missed. */
void handover_skip(struct handover *handover);

uint32_t handover_hops(const struct handover *handover); /* filled since handover_begin; wraps at 2^31 */

/* The hops from one such count to a later one, by less than 2^31. */
uint32_t handover_passed(uint32_t from, uint32_t to);

#endif
