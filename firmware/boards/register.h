/* A register of a peripheral, 32 bits wide, by its address.  Each is named once, as the manual or the vendor's SVD file
 * names it; firmware/emulate/chips parses these lines. */
#ifndef REGISTER_H
#define REGISTER_H
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* The address of a register or a buffer, as DMA registers take it. */
static inline uint32_t address(const volatile void *of)
{
    return (uint32_t)(uintptr_t)of;
}

#endif
