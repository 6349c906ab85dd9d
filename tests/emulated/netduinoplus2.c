/* QEMU's netduinoplus2, an STM32F405 at 168 MHz: USART1 is the serial port, SysTick fills a hop in its time, and the
 * microphone hears a recording again and again: 16 kHz int16 PCM through semihosting.  For the emulator alone.
 * Registers: ST RM0090, section 30.6 (USART). */
#include "board.h"

#include <string.h>

#include "cortex_m.h"
#include "semihosting.h"

#define USART1_SR REGISTER(0x40011000)
#define USART1_DR REGISTER(0x40011004)
#define USART1_CR1 REGISTER(0x4001100c)
#define USART_RXNE (1u << 5)
#define USART_TXE (1u << 7)
#define USART_RE (1u << 2)
#define USART_TE (1u << 3)
#define USART_UE (1u << 13)
#define HOP_CYCLES (168000000u / 1000 * HOP_MS)

const char board_name[] = "netduinoplus2";
const uint32_t board_clock_hz = 168000000;

void systick_handler(void);

static volatile uint32_t hops; /* since the microphone runs */
static volatile bool woken;     /* an interrupt came since the last board_wait */
static int recording;

void board_start(void)
{
    USART1_CR1 = USART_UE | USART_TE | USART_RE;
    SYST_RVR = HOP_CYCLES - 1;
    SYST_CVR = 0;
    SYST_CSR = SYST_CLKSOURCE | SYST_ENABLE;
    recording = semihosting_open(semihosting_argument(1), "rb");
}

void board_microphone_start(void)
{
    SYST_CVR = 0;
    SYST_CSR = SYST_CLKSOURCE | SYST_TICKINT | SYST_ENABLE;
}

void systick_handler(void)
{
    woken = true;
    hop_filled(hops++ & 1);
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    (void)half; /* the recording waits for whoever reads it */
    memset(pcm, 0, HOP_SAMPLES * sizeof *pcm);
    if (!semihosting_read(recording, pcm, HOP_SAMPLES * sizeof *pcm)) {
        semihosting_rewind(recording);
        semihosting_read(recording, pcm, HOP_SAMPLES * sizeof *pcm);
    }
}

void board_led(bool on)
{
    (void)on; /* it has none */
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    while (count--) {
        while (!(USART1_SR & USART_TXE)) {
        }
        USART1_DR = *bytes++;
    }
}

int board_read(void)
{
    return USART1_SR & USART_RXNE ? (int)(USART1_DR & 0xff) : -1;
}

uint32_t board_cycles(void)
{
    uint32_t begun, left;
    do {
        begun = hops;
        left = SYST_CVR;
    } while (begun != hops);
    return (begun + 1) * HOP_CYCLES - left;
}

/* A hop at the latest wakes it; the emulator keeps a received byte until it is read. */
void board_wait(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (!woken)
        __asm__ volatile("wfi" ::: "memory");
    woken = false;
    __asm__ volatile("cpsie i" ::: "memory");
}
