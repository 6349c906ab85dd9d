#include "handover.h"

void handover_begin(struct handover *handover)
{
    handover->filled = 1;
    handover->taken = 0;
    handover->missed = 0;
}

void handover_fill(struct handover *handover, uint8_t half, uint32_t cycles)
{
    const uint32_t filled = handover->filled, hops = (filled >> 1) + ((filled & 1u) == half ? 2 : 1);
    handover->filled = hops << 1 | half;
    handover->filled_cycles = cycles;
}

bool handover_take(struct handover *handover, uint8_t *half)
{
    const uint32_t filled = handover->filled, waiting = handover_passed(handover->taken, filled >> 1);
    if (!waiting)
        return false;
    handover->missed += waiting - 1;
    handover->taken = filled >> 1;
    *half = filled & 1u;
    return true;
}

bool handover_release(struct handover *handover)
{
    const bool whole = handover_hops(handover) == handover->taken;
    handover->missed += !whole;
    return whole;
}

void handover_skip(struct handover *handover)
{
    handover->taken = handover_hops(handover);
}

uint32_t handover_hops(const struct handover *handover)
{
    return handover->filled >> 1;
}

uint32_t handover_passed(uint32_t from, uint32_t to)
{
    return (to - from) & 0x7fffffffu;
}
