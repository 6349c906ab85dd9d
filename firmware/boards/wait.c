/* Every exception's return sets the core's event register, so an interrupt since the last wait ends this one at once
 * (Arm DDI 0403, section B1.5.18; DDI 0419, the same). */
#include "board.h"

void board_wait(void)
{
    __asm__ volatile("wfe" ::: "memory");
}
