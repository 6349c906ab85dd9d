/* ST B-L475E-IOT01A, an STM32L475 at 80 MHz: the DFSDM clocks the left one of two PDM microphones (MP34DT01) and filters its
 * bits to 24-bit samples at 16 kHz, which DMA writes into a ring of two hops.  Pins by ST UM2153. */
#include "board.h"

#include "b_l475e/registers.h"
#include "cycle_counter.h"
#include "dc_removal.h"
#include "received.h"

#define CORE_HZ 80000000u
#define PLL_M 2u  /* 16 MHz / 2 * 20 / 2 */
#define PLL_N 20u
#define LED_PIN 14u /* PB14, LED2 */
#define SERIAL_OUT_PIN 6u /* PB6, PB7: to the ST-LINK's serial port */
#define SERIAL_IN_PIN 7u
#define SERIAL_FUNCTION 7u
#define MICROPHONE_DATA_PIN 7u /* PE7, PE9 */
#define MICROPHONE_CLOCK_PIN 9u
#define MICROPHONE_FUNCTION 6u
#define MICROPHONE_CHANNEL 2u
#define CLOCK_DIVIDER 40u /* 2 MHz, of the microphone's 1 to 3.25 */
#define OVERSAMPLING 125u
#define FILTER_ORDER 3u /* full scale is 125^3, Q21.0 */

/* PCM is the sample times 8 * 2^15 / 125^3, which is 18 dB: speech a metre away takes a hundredth of a microphone's
 * range. */
#define GAIN 69 /* UQ0.9 */
#define GAIN_SHIFT 9

const char board_name[] = "b_l475e";
const uint32_t board_clock_hz = CORE_HZ;

void microphone_handler(void);
void serial_handler(void);

__attribute__((section(".interrupts"), used)) static const vector interrupts[USART1_INTERRUPT + 1] = {
    [DMA1_CHANNEL4_INTERRUPT] = microphone_handler, [USART1_INTERRUPT] = serial_handler};

static uint32_t samples[2][HOP_SAMPLES]; /* RDATAR: Q23.0 in the upper 24 bits, the channel below */
static struct dc dc;                     /* Q23.0 */
static int32_t last, last_but_one;       /* samples less their mean, Q23.0 */

/* The 16 MHz oscillator is trimmed to 1 % and needs no crystal; the board has none for the core. */
static void clock_start(void)
{
    FLASH_ACR = FLASH_PREFETCH_AND_CACHES | FLASH_LATENCY_4;
    while ((FLASH_ACR & 7u) != FLASH_LATENCY_4) {
    }
    RCC_CR |= RCC_HSION;
    while (!(RCC_CR & RCC_HSIRDY)) {
    }
    RCC_PLLCFGR = RCC_PLLREN | PLL_N << RCC_PLLN_SHIFT | (PLL_M - 1) << RCC_PLLM_SHIFT | RCC_PLLSRC_HSI16;
    RCC_CR |= RCC_PLLON;
    while (!(RCC_CR & RCC_PLLRDY)) {
    }
    RCC_CFGR = RCC_SW_PLL;
    while ((RCC_CFGR >> RCC_SWS_SHIFT & 3u) != RCC_SW_PLL) {
    }
    RCC_AHB1ENR |= RCC_DMA1EN;
    RCC_AHB2ENR |= RCC_GPIOBEN | RCC_GPIOEEN;
    RCC_APB2ENR |= RCC_USART1EN | RCC_DFSDM1EN;
    (void)RCC_APB2ENR; /* the first access to a peripheral must be two cycles or more after its clock starts */
}

static void set_mode(volatile uint32_t *moder, uint32_t pin, uint32_t mode)
{
    *moder = (*moder & ~(3u << 2 * pin)) | mode << 2 * pin;
}

static void pins_start(void)
{
    GPIOB_AFRL |= SERIAL_FUNCTION << 4 * SERIAL_OUT_PIN | SERIAL_FUNCTION << 4 * SERIAL_IN_PIN;
    GPIOE_AFRL |= MICROPHONE_FUNCTION << 4 * MICROPHONE_DATA_PIN;
    GPIOE_AFRH |= MICROPHONE_FUNCTION << 4 * (MICROPHONE_CLOCK_PIN - 8);
    set_mode(&GPIOB_MODER, LED_PIN, GPIO_OUTPUT);
    set_mode(&GPIOB_MODER, SERIAL_OUT_PIN, GPIO_ALTERNATE);
    set_mode(&GPIOB_MODER, SERIAL_IN_PIN, GPIO_ALTERNATE);
    set_mode(&GPIOE_MODER, MICROPHONE_DATA_PIN, GPIO_ALTERNATE);
    set_mode(&GPIOE_MODER, MICROPHONE_CLOCK_PIN, GPIO_ALTERNATE);
}

static void serial_start(void)
{
    USART1_BRR = (CORE_HZ + BOARD_BAUD / 2) / BOARD_BAUD;
    USART1_CR1 = USART_UE | USART_TE | USART_RE | USART_RXNEIE;
    NVIC_ISER1 = 1u << (USART1_INTERRUPT - 32);
}

/* 80 MHz / 40 / 125 is 16 kHz.  FAST: a conversion takes no longer than its samples, once the filter has been filled. */
static void microphone_prepare(void)
{
    DFSDM1_CH0CFGR1 = (CLOCK_DIVIDER - 1) << DFSDM_CKOUTDIV_SHIFT;
    DFSDM1_CH2CFGR2 = 0; /* no offset, no shift */
    DFSDM1_CH2CFGR1 = DFSDM_SPICKSEL_CKOUT;
    DFSDM1_CH2CFGR1 = DFSDM_SPICKSEL_CKOUT | DFSDM_CHEN;
    DFSDM1_CH0CFGR1 = (CLOCK_DIVIDER - 1) << DFSDM_CKOUTDIV_SHIFT | DFSDM_DFSDMEN;
    DFSDM1_FLT0FCR = FILTER_ORDER << DFSDM_FORD_SHIFT | (OVERSAMPLING - 1) << DFSDM_FOSR_SHIFT;
    DFSDM1_FLT0CR1 = DFSDM_FAST | MICROPHONE_CHANNEL << DFSDM_RCH_SHIFT | DFSDM_RDMAEN | DFSDM_RCONT;
    DMA1_CSELR &= ~DMA_C4S_MASK;
    DMA1_CPAR4 = address(&DFSDM1_FLT0RDATAR);
    DMA1_CMAR4 = address(samples);
    DMA1_CNDTR4 = 2 * HOP_SAMPLES;
    NVIC_ISER0 = 1u << DMA1_CHANNEL4_INTERRUPT;
}

void board_start(void)
{
    clock_start();
    cycle_counter_start();
    pins_start();
    serial_start();
    microphone_prepare();
}

void board_microphone_start(void)
{
    DMA1_CCR4 = DMA_MSIZE_32 | DMA_PSIZE_32 | DMA_MINC | DMA_CIRC | DMA_HTIE | DMA_TCIE | DMA_EN;
    DFSDM1_FLT0CR1 |= DFSDM_DFEN;
    DFSDM1_FLT0CR1 |= DFSDM_RSWSTART;
}

void microphone_handler(void)
{
    const uint32_t ended = DMA1_ISR & (DMA_HTIF4 | DMA_TCIF4);
    DMA1_IFCR = ended;
    if (ended & DMA_HTIF4)
        hop_filled(0);
    if (ended & DMA_TCIF4)
        hop_filled(1);
}

/* The filter droops by 2.7 dB up to 4 kHz; three taps, -3, 22 and -3 sixteenths, compensate for it. */
static int32_t compensate(int32_t sample)
{
    const int32_t compensated = last + ((6 * last - 3 * (sample + last_but_one)) >> 4);
    last_but_one = last;
    last = sample;
    return compensated;
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    int32_t sum = 0; /* Q30.0 */
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        sum += (int32_t)samples[half][i] >> 8;
    const int32_t mean = dc_follow(&dc, sum / HOP_SAMPLES);
    for (uint16_t i = 0; i < HOP_SAMPLES; i++)
        pcm[i] = saturate_int16((compensate(((int32_t)samples[half][i] >> 8) - mean) * GAIN) >> GAIN_SHIFT);
}

void board_led(bool on)
{
    GPIOB_BSRR = on ? 1u << LED_PIN : 1u << (LED_PIN + 16);
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    while (count--) {
        while (!(USART1_ISR & USART_TXE)) {
        }
        USART1_TDR = *bytes++;
    }
}

void serial_handler(void)
{
    const uint32_t errors = USART1_ISR & USART_ERRORS;
    while (USART1_ISR & USART_RXNE)
        received_put((uint8_t)USART1_RDR);
    if (errors) {
        USART1_ICR = errors; /* an overrun would request the interrupt for ever */
        received_put(RECEIVED_LOST);
    }
}
