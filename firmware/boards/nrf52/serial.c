/* The UART that takes one byte at a time: it needs no buffer in RAM, and it holds six received bytes. */
#include "board.h"
#include "nrf52.h"
#include "received.h"
#include "registers.h"

void nrf52_serial_start(uint32_t transmit_pin, uint32_t receive_pin)
{
    UART0_PSEL_TXD = transmit_pin;
    UART0_PSEL_RXD = receive_pin;
    UART0_BAUDRATE = UART_115200_BAUD;
    UART0_ENABLE = UART_ENABLED;
    UART0_INTENSET = UART_INT_RXDRDY;
    NVIC_ISER0 = 1u << UART0_INTERRUPT;
    UART0_TASKS_STARTTX = 1;
    UART0_TASKS_STARTRX = 1;
}

void nrf52_serial_handler(void)
{
    while (UART0_EVENTS_RXDRDY) {
        UART0_EVENTS_RXDRDY = 0;
        received_put((uint8_t)UART0_RXD);
    }
    if (UART0_EVENTS_ERROR) {
        UART0_EVENTS_ERROR = 0;
        received_put(RECEIVED_LOST);
    }
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    while (count--) {
        UART0_EVENTS_TXDRDY = 0;
        UART0_TXD = *bytes++;
        while (!UART0_EVENTS_TXDRDY) {
        }
    }
}
