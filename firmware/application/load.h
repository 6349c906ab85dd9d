/* What hearing takes of the core: the cycles of each hop, from its reading to the decision; sleep and the serial port
 * do not count. */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>

struct load {
    uint32_t begin_hops;    /* hops filled when this second began */
    uint32_t cycles;        /* of this second up to now */
    uint32_t second_cycles; /* of the last whole second */
    uint32_t worst_cycles;  /* of one hop */
    uint32_t heard;         /* hops; wraps */
};

void load_begin(struct load *load, uint32_t hops_filled);

/* One hop was heard.  A second is over when as many hops have been filled, be they heard or missed. */
void load_hop(struct load *load, uint32_t hops_filled, uint32_t cycles);

#endif
