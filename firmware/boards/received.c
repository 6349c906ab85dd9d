#include "received.h"

#include "board.h"

#define RECEIVED_BYTES 128u /* a power of two; more than a line */

static uint8_t bytes[RECEIVED_BYTES];
static volatile uint32_t put, taken; /* bytes in total; they wrap */

void received_put(uint8_t byte)
{
    const uint32_t waiting = put - taken;
    if (waiting == RECEIVED_BYTES)
        return; /* the last byte waiting is RECEIVED_LOST */
    bytes[put % RECEIVED_BYTES] = waiting == RECEIVED_BYTES - 1 ? RECEIVED_LOST : byte;
    put = put + 1;
}

int board_read(void)
{
    if (put == taken)
        return -1;
    const uint8_t byte = bytes[taken % RECEIVED_BYTES];
    taken = taken + 1;
    return byte;
}
