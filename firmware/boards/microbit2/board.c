/* BBC micro:bit v2, an nRF52833: the microphone's voltage is sampled by the SAADC, which a timer triggers 16,000 times a
 * second; no instruction is executed between one hop and the next.  Pins by the board's schematic. */
#include "board.h"

#include "cycle_counter.h"
#include "dc_removal.h"
#include "microbit2/registers.h"
#include "nrf52/nrf52.h"

#define MICROPHONE_POWER_PIN 20u /* P0.20, which lights the microphone's LED too; the voltage is on P0.05, AIN3 */
#define LED_ROW1_PIN 21u         /* P0.21 high and LED_COLUMN1 (P0.28) low: the LED at the top left is on */
#define SERIAL_OUT_PIN 6u        /* P0.06, to the interface chip */
#define SERIAL_IN_PIN (PORT1 + 8u)
#define TIMER_HZ 16000000u
#define SAMPLE_HZ (1000u * HOP_SAMPLES / HOP_MS)
#define RESTART_CHANNEL 0u
#define SAMPLE_CHANNEL 1u

const char board_name[] = "microbit2";

void microphone_handler(void);

__attribute__((section(".interrupts"), used)) static const vector interrupts[SAADC_INTERRUPT + 1] = {
    [UART0_INTERRUPT] = nrf52_serial_handler, [SAADC_INTERRUPT] = microphone_handler};

static struct dc dc; /* Q12.8 */

static void microphone_prepare(void)
{
    SAADC_ENABLE = SAADC_ENABLED;
    SAADC_RESOLUTION = SAADC_12_BITS;
    SAADC_CH0_PSELP = SAADC_AIN3;
    SAADC_CH0_CONFIG = SAADC_GAIN_4 | SAADC_REFERENCE_VDD_4 | SAADC_ACQUIRE_10_US;
    SAADC_RESULT_MAXCNT = HOP_SAMPLES;
    SAADC_INTENSET = SAADC_INT_STARTED | SAADC_INT_END;
    NVIC_ISER0 = 1u << SAADC_INTERRUPT;
    TIMER0_BITMODE = TIMER_16_BITS;
    TIMER0_PRESCALER = 0;
    TIMER0_CC0 = TIMER_HZ / SAMPLE_HZ;
    TIMER0_SHORTS = TIMER_COMPARE0_CLEAR;
    PPI_CH0_EEP = address(&SAADC_EVENTS_END);
    PPI_CH0_TEP = address(&SAADC_TASKS_START);
    PPI_CH1_EEP = address(&TIMER0_EVENTS_COMPARE0);
    PPI_CH1_TEP = address(&SAADC_TASKS_SAMPLE);
    PPI_CHENSET = 1u << RESTART_CHANNEL | 1u << SAMPLE_CHANNEL;
}

void board_start(void)
{
    nrf52_clock_start();
    cycle_counter_start();
    P0_PIN_CNF21 = GPIO_OUTPUT;
    P0_PIN_CNF28 = GPIO_OUTPUT;
    P0_OUTSET = 1u << SERIAL_OUT_PIN;
    P0_PIN_CNF6 = GPIO_OUTPUT;
    P1_PIN_CNF8 = GPIO_INPUT_PULLED_UP;
    nrf52_serial_start(SERIAL_OUT_PIN, SERIAL_IN_PIN);
    P0_PIN_CNF20 = GPIO_OUTPUT_STRONG;
    P0_OUTSET = 1u << MICROPHONE_POWER_PIN;
    microphone_prepare();
}

void board_microphone_start(void)
{
    SAADC_RESULT_PTR = address(nrf52_samples[0]);
    SAADC_TASKS_START = 1;
    TIMER0_TASKS_START = 1;
}

void microphone_handler(void)
{
    nrf52_microphone_handle(&SAADC_EVENTS_STARTED, &SAADC_EVENTS_END, &SAADC_RESULT_PTR);
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    const int16_t *samples = nrf52_samples[half]; /* Q12.0: 0 to VDD / 16 is 0 to 4095; noise may go below 0 */
    int32_t sum = 0;                              /* Q21.0 */
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        sum += samples[i];
    const int32_t mean = dc_follow(&dc, sum * 256 / HOP_SAMPLES);
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        pcm[i] = saturate_int16((samples[i] * 256 - mean) >> 4);
}

void board_led(bool on)
{
    if (on)
        P0_OUTSET = 1u << LED_ROW1_PIN;
    else
        P0_OUTCLR = 1u << LED_ROW1_PIN;
}
