/* What the nRF52 boards share. */
#ifndef NRF52_H
#define NRF52_H
#include "models.h"
#include "register.h"

/* The 64 MHz of the core and of the peripherals come from the crystal; sample rate and baud rate are as exact as it is. */
void nrf52_clock_start(void);

/* 115,200 baud, 8 bits, no parity, no flow control.  Pins as PSEL numbers them; the board sets their PIN_CNF. */
void nrf52_serial_start(uint32_t transmit_pin, uint32_t receive_pin);
void nrf52_serial_handler(void);

/* A microphone's samples, hop after hop; the board defines their format. */
extern int16_t nrf52_samples[2][HOP_SAMPLES];

/* Called in the interrupt of the sampling peripheral, with its events STARTED and END and its PTR.  At its first start PTR
 * is nrf52_samples[0]. */
void nrf52_microphone_handle(volatile uint32_t *started, volatile uint32_t *ended, volatile uint32_t *pointer);

#endif
