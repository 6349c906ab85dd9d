/* The bytes that a serial port's interrupt received and board_read has not returned yet. */
#ifndef RECEIVED_H
#define RECEIVED_H
#include <stdint.h>

void received_put(uint8_t byte); /* in the interrupt; where RECEIVED_BYTES wait already, the byte is lost */

#endif
