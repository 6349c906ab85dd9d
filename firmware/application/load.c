#include "load.h"

#include "handover.h"
#include "models.h"

void load_begin(struct load *load, uint32_t hops_filled)
{
    const struct load none = {.begin_hops = hops_filled};
    *load = none;
}

void load_hop(struct load *load, uint32_t hops_filled, uint32_t cycles)
{
    load->heard++;
    load->cycles += cycles;
    if (cycles > load->worst_cycles)
        load->worst_cycles = cycles;
    if (handover_passed(load->begin_hops, hops_filled) < 1000 / HOP_MS)
        return;
    load->begin_hops = hops_filled;
    load->second_cycles = load->cycles;
    load->cycles = 0;
}
