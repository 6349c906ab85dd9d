/* The bytes that a serial port's interrupt received and board_read has not returned yet. */
#ifndef RECEIVED_H
#define RECEIVED_H
#include <stdint.h>

/* In the interrupt.  If the buffer is full, or the port itself lost bytes (RECEIVED_LOST), board_read returns one
 * RECEIVED_LOST in place of all the missing bytes. */
void received_put(uint8_t byte);

#endif
