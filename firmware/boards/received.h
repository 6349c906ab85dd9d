/* The bytes that a serial port's interrupt received and board_read has not returned yet. */
#ifndef RECEIVED_H
#define RECEIVED_H
#include <stdint.h>

/* In the interrupt.  Where no more can be kept, or the port itself lost some (RECEIVED_LOST), board_read returns one
 * RECEIVED_LOST in the place of all that is missing. */
void received_put(uint8_t byte);

#endif
