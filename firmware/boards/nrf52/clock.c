#include "board.h"
#include "nrf52.h"
#include "registers.h"

const uint32_t board_clock_hz = 64000000;

void nrf52_clock_start(void)
{
    CLOCK_EVENTS_HFCLKSTARTED = 0;
    CLOCK_TASKS_HFCLKSTART = 1;
    while (!CLOCK_EVENTS_HFCLKSTARTED) {
    }
}
