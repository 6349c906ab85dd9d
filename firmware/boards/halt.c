/* What startup.c calls: a board's program that ends, or goes where it should not, stands still with its LED on. */
#include "board.h"

void image_end(int status);
void image_fault(void);

void image_end(int status)
{
    (void)status;
    image_fault();
}

void image_fault(void)
{
    board_led(true);
    for (;;) {
    }
}
