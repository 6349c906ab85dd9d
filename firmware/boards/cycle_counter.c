#include "cycle_counter.h"

#include "board.h"
#include "cortex_m.h"

void cycle_counter_start(void)
{
    DCB_DEMCR |= DCB_TRCENA;
    DWT_CYCCNT = 0;
    DWT_CTRL |= DWT_CYCCNTENA;
}

uint32_t board_cycles(void)
{
    return DWT_CYCCNT;
}
