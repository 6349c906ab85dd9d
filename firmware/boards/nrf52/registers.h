/* Registers that both nRF52 boards use: nRF52833 Product Specification v1.5 and nRF52840 Product Specification v1.7, chapters
 * CLOCK, GPIO and UART, which agree on all of them. */
#ifndef NRF52_REGISTERS_H
#define NRF52_REGISTERS_H
#include "cortex_m.h"

#define CLOCK_TASKS_HFCLKSTART REGISTER(0x40000000)
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(0x40000100)

#define P0_OUTSET REGISTER(0x50000508)
#define P0_OUTCLR REGISTER(0x5000050c)
#define P1_OUTSET REGISTER(0x50000808)
#define GPIO_OUTPUT 3u             /* PIN_CNF: output, input buffer off */
#define GPIO_OUTPUT_STRONG 0x303u  /* the same, high drive to 0 and to 1 */
#define GPIO_INPUT_PULLED_UP 0xcu

#define UART0_TASKS_STARTRX REGISTER(0x40002000)
#define UART0_TASKS_STARTTX REGISTER(0x40002008)
#define UART0_EVENTS_RXDRDY REGISTER(0x40002108)
#define UART0_EVENTS_TXDRDY REGISTER(0x4000211c)
#define UART0_EVENTS_ERROR REGISTER(0x40002124) /* a byte came when six waited, or was damaged */
#define UART0_INTENSET REGISTER(0x40002304)
#define UART0_ENABLE REGISTER(0x40002500)
#define UART0_PSEL_TXD REGISTER(0x4000250c)
#define UART0_PSEL_RXD REGISTER(0x40002514)
#define UART0_RXD REGISTER(0x40002518)
#define UART0_TXD REGISTER(0x4000251c)
#define UART0_BAUDRATE REGISTER(0x40002524)
#define UART_INT_RXDRDY 4u
#define UART_ENABLED 4u
#define UART_115200_BAUD 0x01d7e000u
#define UART0_INTERRUPT 2

#define PORT1 32u /* pin 0 of P1, where a register takes a pin of either port */

#endif
