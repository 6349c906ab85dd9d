/* What the nRF52 boards share. */
#ifndef NRF52_H
#define NRF52_H
#include <stdint.h>

/* The 64 MHz of the core and of the peripherals come from the crystal, to which sample rate and baud rate are exact. */
void nrf52_clock_start(void);

/* 115,200 baud, 8 bits, no parity, no flow control.  Pins as PSEL numbers them; their PIN_CNF are the board's. */
void nrf52_serial_start(uint32_t transmit_pin, uint32_t receive_pin);
void nrf52_serial_handler(void);

#endif
