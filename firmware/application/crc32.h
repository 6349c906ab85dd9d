/* CRC-32 as in IEEE 802.3 and zlib: reflected polynomial edb88320, begun and ended by inversion. */
#ifndef CRC32_H
#define CRC32_H

#include <stdint.h>

/* The CRC of what went before (0 at the beginning) and of `count` bytes more. */
uint32_t crc32_add(uint32_t crc, const void *bytes, uint32_t count);

#endif
