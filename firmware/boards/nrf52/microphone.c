/* EasyDMA: a peripheral reads its PTR when it starts; from then on PTR holds the address for the next start. */
#include "board.h"
#include "nrf52.h"

int16_t nrf52_samples[2][HOP_SAMPLES];

static uint8_t next_started, next_ended; /* halves */

void nrf52_microphone_handle(volatile uint32_t *started, volatile uint32_t *ended, volatile uint32_t *pointer)
{
    if (*started) {
        *started = 0;
        next_started ^= 1u;
        *pointer = address(nrf52_samples[next_started]);
    }
    if (*ended) {
        *ended = 0;
        hop_filled(next_ended);
        next_ended ^= 1u;
    }
}
