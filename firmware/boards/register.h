/* A register of a peripheral, 32 bits wide, by its address.  Each is named once, as the manual or the vendor's SVD file names
 * it; firmware/chips reads these very lines. */
#ifndef REGISTER_H
#define REGISTER_H
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#endif
