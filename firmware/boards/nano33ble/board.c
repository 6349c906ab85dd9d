/* Arduino Nano 33 BLE Sense, an nRF52840: the PDM peripheral clocks the microphone (an MP34DT05, or MP34DT06 on revision 2)
 * and converts its bits to 16 kHz PCM.  The serial port is on the header's pins TX and RX; USB is not driven.  Pins by the
 * board's schematic. */
#include "board.h"

#include <string.h>

#include "cycle_counter.h"
#include "nano33ble/registers.h"
#include "nrf52/nrf52.h"

#define LED_PIN 13u              /* P0.13, the orange one */
#define MICROPHONE_POWER_PIN 17u /* P0.17 */
#define MICROPHONE_DATA_PIN 25u
#define MICROPHONE_CLOCK_PIN 26u
#define SERIAL_OUT_PIN (PORT1 + 3u) /* the header's TX */
#define SERIAL_IN_PIN (PORT1 + 10u) /* the header's RX */

const char board_name[] = "nano33ble";

void microphone_handler(void);

__attribute__((section(".interrupts"), used)) static const vector interrupts[PDM_INTERRUPT + 1] = {
    [UART0_INTERRUPT] = nrf52_serial_handler, [PDM_INTERRUPT] = microphone_handler};

/* 1.28 MHz / 80 is 16 kHz exactly, and within the microphone's 1.2 to 3.25 MHz. */
static void microphone_prepare(void)
{
    PDM_PSEL_CLK = MICROPHONE_CLOCK_PIN;
    PDM_PSEL_DIN = MICROPHONE_DATA_PIN;
    PDM_PDMCLKCTRL = PDM_CLOCK_1280_KHZ;
    PDM_RATIO = PDM_RATIO_80;
    PDM_MODE = PDM_MONO;
    PDM_GAINL = PDM_GAIN_20_DB;
    PDM_SAMPLE_MAXCNT = HOP_SAMPLES;
    PDM_INTENSET = PDM_INT_STARTED | PDM_INT_END;
    NVIC_ISER0 = 1u << PDM_INTERRUPT;
    PDM_ENABLE = PDM_ENABLED;
}

void board_start(void)
{
    nrf52_clock_start();
    cycle_counter_start();
    P0_PIN_CNF13 = GPIO_OUTPUT;
    P1_OUTSET = 1u << (SERIAL_OUT_PIN - PORT1);
    P1_PIN_CNF3 = GPIO_OUTPUT;
    P1_PIN_CNF10 = GPIO_INPUT_PULLED_UP;
    nrf52_serial_start(SERIAL_OUT_PIN, SERIAL_IN_PIN);
    P0_PIN_CNF17 = GPIO_OUTPUT;
    P0_OUTSET = 1u << MICROPHONE_POWER_PIN;
    P0_PIN_CNF26 = GPIO_OUTPUT;
    P0_PIN_CNF25 = GPIO_INPUT;
    microphone_prepare();
}

void board_microphone_start(void)
{
    PDM_SAMPLE_PTR = address(nrf52_samples[0]);
    PDM_TASKS_START = 1;
}

void microphone_handler(void)
{
    nrf52_microphone_handle(&PDM_EVENTS_STARTED, &PDM_EVENTS_END, &PDM_SAMPLE_PTR);
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    memcpy(pcm, nrf52_samples[half], sizeof nrf52_samples[half]); /* Q0.15, as PCM */
}

void board_led(bool on)
{
    if (on)
        P0_OUTSET = 1u << LED_PIN;
    else
        P0_OUTCLR = 1u << LED_PIN;
}
