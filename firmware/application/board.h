/* The interface that a board implements.  The board's microphone interrupt calls hop_filled(); of the functions below, only
 * board_cycles() is called in an interrupt.  The handler of a fault (boards/halt.c) also calls board_led() and board_write(),
 * which must therefore wait for no interrupt. */
#ifndef BOARD_H
#define BOARD_H
#include <stdbool.h>
#include <stdint.h>
#include "models.h"

#define BOARD_BAUD 115200u
#define RECEIVED_LOST 0 /* a byte that never occurs in text */

extern const char board_name[];
extern const uint32_t board_clock_hz; /* clock rate of board_cycles */

void board_start(void);                 /* clocks, LED, serial port, microphone; the microphone does not run yet */
void board_microphone_start(void);      /* from now on DMA fills two buffers of one hop each in turn */
/* The hop of buffer `half` (0 or 1) as PCM; conversion from what the DMA wrote (16-bit PCM, 12-bit ADC, 24-bit filter
 * output, raw PDM bits) happens here, outside of the interrupt. */
void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES]);
void board_led(bool on);
void board_write(const uint8_t *bytes, uint16_t count); /* serial; waits until all of it is in the port's queue */
/* Serial: the next byte received, or -1; RECEIVED_LOST in the place of bytes that were lost.  Bytes received wake board_wait. */
int board_read(void);
uint32_t board_cycles(void);            /* counts while the core is awake; wraps; may be called in interrupts */
/* Sleeps until an interrupt; returns at once if one came since the last call, so that a hop filled just before is not
 * missed.  WFE does this by its event register, which every exception return sets; without that, test a flag set by the
 * handlers with interrupts masked, then WFI. */
void board_wait(void);

/* Implemented by the application (main.c): buffer `half` holds a whole hop and the DMA continues with the other one. */
void hop_filled(uint8_t half);
#endif
