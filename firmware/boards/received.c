#include "received.h"

#include "board.h"

#define RECEIVED_BYTES 128u /* a power of two; more than a line */

static uint8_t bytes[RECEIVED_BYTES];
static volatile uint32_t put, taken; /* bytes, ever; they wrap */

void received_put(uint8_t byte)
{
    if (put - taken == RECEIVED_BYTES)
        return;
    bytes[put % RECEIVED_BYTES] = byte;
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
