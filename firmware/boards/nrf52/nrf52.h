/* What the nRF52 boards share. */
#ifndef NRF52_H
#define NRF52_H
#include "models.h"
#include "register.h"

/* The 64 MHz of the core and of the peripherals come from the crystal, to which sample rate and baud rate are exact. */
void nrf52_clock_start(void);

/* 115,200 baud, 8 bits, no parity, no flow control.  Pins as PSEL numbers them; their PIN_CNF are the board's. */
void nrf52_serial_start(uint32_t transmit_pin, uint32_t receive_pin);
void nrf52_serial_handler(void);

/* Where a microphone's samples come to lie, hop after hop; in what format, is the board's. */
extern int16_t nrf52_samples[2][HOP_SAMPLES];

/* In the interrupt of the peripheral that samples: its events STARTED and END, and its PTR.  At its first start PTR is
 * nrf52_samples[0]. */
void nrf52_microphone_handle(volatile uint32_t *started, volatile uint32_t *ended, volatile uint32_t *pointer);

#endif
