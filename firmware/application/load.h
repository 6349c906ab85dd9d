/* The core's load: the cycles of each hop, from its reading to the decision, without sleep and the serial port. */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct load {
    uint32_t begin_hops;    /* hops filled when this second began */
    uint32_t cycles;        /* in this second up to now */
    uint32_t second_cycles; /* in the last whole second */
    uint32_t worst_cycles;  /* in one hop, the highest */
    uint32_t heard;         /* hops; wraps */
};

void load_begin(struct load *load, uint32_t hops_filled);

/* One hop was heard.  A second is over when a second's worth of hops has been filled, heard or missed. */
void load_hop(struct load *load, uint32_t hops_filled, uint32_t cycles);

#endif
