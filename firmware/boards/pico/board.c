/* Raspberry Pi Pico, an RP2040, with a PDM microphone on two pins: GP2 is its clock, GP3 its data; its L/R pin is on ground,
 * so that its data are valid while the clock is low.  One core runs, at 128 MHz, 125 times the microphone's 1.024 MHz. */
#include "board.h"

#include "dc_removal.h"
#include "pdm.h"
#include "pico/registers.h"
#include "received.h"

#define LED_PIN 25u
#define CLOCK_PIN 2u
#define DATA_PIN 3u
#define PERIPHERALS \
    (RESET_DMA | RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_PIO0 | RESET_PLL_SYS | RESET_TIMER | RESET_UART0)
#define XOSC_HZ 12000000u
#define PLL_MULTIPLIER 128u /* 1.536 GHz, of 0.75 to 1.6 */
#define PLL_DIVIDER1 6u
#define PLL_DIVIDER2 2u
#define CORE_HZ (XOSC_HZ * PLL_MULTIPLIER / PLL_DIVIDER1 / PLL_DIVIDER2)
#define TIMER_HZ 1000000u /* it runs on while the core sleeps */
#define BAUD_DIVIDER (CORE_HZ * 4 / BOARD_BAUD) /* Q26.6 */
#define BIT_HZ (1000u / HOP_MS * HOP_SAMPLES * PDM_BITS_PER_SAMPLE)
#define BIT_STEPS 5u /* of the PIO program */
#define RAW_WORDS (HOP_SAMPLES * PDM_BITS_PER_SAMPLE / 32)
#define GAIN 2 /* Q0.17 to Q0.15 times 8, 18 dB: speech a metre away takes a hundredth of a PDM microphone's range */

/* PIO instructions (section 3.4), with one pin of side-set: bit 12 is the clock pin's level, bits 8 to 11 a delay. */
#define PIO_NOP 0xa042u            /* mov y, y */
#define PIO_IN_PIN 0x4001u         /* in pins, 1 */
#define PIO_SET_PINDIRS_1 0xe081u  /* set pindirs, 1 */
#define CLOCK_HIGH (1u << 12)
#define ONE_MORE_STEP (1u << 8)

const char board_name[] = "pico";
const uint32_t board_clock_hz = TIMER_HZ;

void microphone_handler(void);
void serial_handler(void);

__attribute__((section(".interrupts"), used)) static const vector interrupts[UART0_INTERRUPT + 1] = {
    [DMA_INTERRUPT] = microphone_handler, [UART0_INTERRUPT] = serial_handler};

static uint32_t raw[2][RAW_WORDS]; /* bits, the first is the lowest */
static struct pdm pdm;
static struct dc dc; /* Q0.17 */

static void clock_start(void)
{
    XOSC_STARTUP = (XOSC_HZ / 1000 + 255) / 256; /* 1 ms */
    XOSC_CTRL = XOSC_ENABLE_1_15_MHZ;
    while (!(XOSC_STATUS & XOSC_STABLE)) {
    }
    CLOCKS_CLK_REF_CTRL = CLK_REF_XOSC;
    while (CLOCKS_CLK_REF_SELECTED != 1u << CLK_REF_XOSC) {
    }
    RESETS_RESET_CLEAR = PERIPHERALS;
    while (~RESETS_RESET_DONE & (PERIPHERALS & ~RESET_UART0)) { /* the UART's needs clk_peri */
    }
    PLL_SYS_FBDIV_INT = PLL_MULTIPLIER;
    PLL_SYS_PWR = PLL_DSMPD | PLL_POSTDIVPD;
    while (!(PLL_SYS_CS & PLL_LOCK)) {
    }
    PLL_SYS_PRIM = PLL_DIVIDER1 << PLL_POSTDIV1_SHIFT | PLL_DIVIDER2 << PLL_POSTDIV2_SHIFT;
    PLL_SYS_PWR = PLL_DSMPD;
    CLOCKS_CLK_SYS_CTRL = CLK_SYS_PLL;
    while (CLOCKS_CLK_SYS_SELECTED != 1u << CLK_SYS_PLL) {
    }
    CLOCKS_CLK_PERI_CTRL = CLK_PERI_ENABLE;
    while (~RESETS_RESET_DONE & RESET_UART0) {
    }
    WATCHDOG_TICK = WATCHDOG_TICK_ENABLE | XOSC_HZ / TIMER_HZ;
}

static void serial_start(void)
{
    IO_BANK0_GPIO0_CTRL = FUNCTION_UART;
    PADS_BANK0_GPIO1 = PAD_INPUT_PULLED_UP;
    IO_BANK0_GPIO1_CTRL = FUNCTION_UART;
    UART0_UARTIBRD = BAUD_DIVIDER / 64;
    UART0_UARTFBRD = BAUD_DIVIDER % 64;
    UART0_UARTLCR_H = UART_8_BITS_FIFO;
    UART0_UARTCR = UART_ON;
    UART0_UARTIMSC = UART_INT_RECEIVED;
    NVIC_ISER0 = 1u << UART0_INTERRUPT;
}

/* Five steps a bit: the clock is high for two of them and low for three, and the data are taken in the last. */
static void microphone_prepare(void)
{
    PADS_BANK0_GPIO3 = PAD_INPUT;
    PIO0_INSTR_MEM0 = PIO_NOP | CLOCK_HIGH | ONE_MORE_STEP;
    PIO0_INSTR_MEM1 = PIO_NOP | ONE_MORE_STEP;
    PIO0_INSTR_MEM2 = PIO_IN_PIN;
    PIO0_SM0_CLKDIV = CORE_HZ / BIT_HZ / BIT_STEPS << PIO_CLKDIV_SHIFT;
    PIO0_SM0_EXECCTRL = 2u << PIO_WRAP_TOP_SHIFT;
    PIO0_SM0_SHIFTCTRL = PIO_AUTOPUSH | PIO_SHIFT_RIGHT | PIO_JOIN_RX;
    PIO0_SM0_PINCTRL = 1u << PIO_SIDESET_COUNT_SHIFT | 1u << PIO_SET_COUNT_SHIFT | DATA_PIN << PIO_IN_BASE_SHIFT |
                       CLOCK_PIN << PIO_SIDESET_BASE_SHIFT | CLOCK_PIN << PIO_SET_BASE_SHIFT;
    PIO0_SM0_INSTR = PIO_SET_PINDIRS_1;
    IO_BANK0_GPIO2_CTRL = FUNCTION_PIO0;
}

void board_start(void)
{
    clock_start();
    SIO_GPIO_OE_SET = 1u << LED_PIN;
    IO_BANK0_GPIO25_CTRL = FUNCTION_SIO;
    serial_start();
    microphone_prepare();
    pdm_begin(&pdm);
}

/* Two channels, each of which starts the other when it has written a hop. */
void board_microphone_start(void)
{
    const uint32_t control = DMA_EN | DMA_WORDS | DMA_INCR_WRITE | DMA_PIO0_RX0;
    DMA_CH0_READ_ADDR = address(&PIO0_RXF0);
    DMA_CH0_WRITE_ADDR = address(raw[0]);
    DMA_CH0_TRANS_COUNT = RAW_WORDS;
    DMA_CH1_READ_ADDR = address(&PIO0_RXF0);
    DMA_CH1_WRITE_ADDR = address(raw[1]);
    DMA_CH1_TRANS_COUNT = RAW_WORDS;
    DMA_CH1_AL1_CTRL = control | 0u << DMA_CHAIN_TO_SHIFT;
    DMA_INTE0 = 1u << 0 | 1u << 1;
    NVIC_ISER0 = 1u << DMA_INTERRUPT;
    DMA_CH0_CTRL_TRIG = control | 1u << DMA_CHAIN_TO_SHIFT;
    PIO0_CTRL = 1;
}

void microphone_handler(void)
{
    const uint32_t ended = DMA_INTS0;
    DMA_INTS0 = ended;
    if (ended & 1u << 0) {
        DMA_CH0_WRITE_ADDR = address(raw[0]);
        hop_filled(0);
    }
    if (ended & 1u << 1) {
        DMA_CH1_WRITE_ADDR = address(raw[1]);
        hop_filled(1);
    }
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    static int32_t samples[HOP_SAMPLES]; /* Q0.17 */
    int32_t sum = 0;                         /* Q9.17 */
    pdm_hop(&pdm, (const uint8_t *)raw[half], samples);
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        sum += samples[i];
    const int32_t mean = dc_follow(&dc, sum / HOP_SAMPLES);
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        pcm[i] = saturate_int16((samples[i] - mean) * GAIN);
}

void board_led(bool on)
{
    if (on)
        SIO_GPIO_OUT_SET = 1u << LED_PIN;
    else
        SIO_GPIO_OUT_CLR = 1u << LED_PIN;
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    while (count--) {
        while (UART0_UARTFR & UART_TXFF) {
        }
        UART0_UARTDR = *bytes++;
    }
}

static uint8_t received(uint32_t data)
{
    return data & UART_RECEIVE_ERRORS ? RECEIVED_LOST : (uint8_t)data;
}

void serial_handler(void)
{
    while (!(UART0_UARTFR & UART_RXFE))
        received_put(received(UART0_UARTDR));
}

uint32_t board_cycles(void)
{
    return TIMER_TIMERAWL;
}
