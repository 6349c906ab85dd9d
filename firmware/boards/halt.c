/* The functions that startup.c calls: if a board's program ends or faults, it lights the LED, says so and stops.
 * board_write waits for no interrupt, so it works in a fault too, once board_start has run. */
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
    static const uint8_t text[] = "\nfault: the program went where it should not; reset the board\n";
    board_led(true);
    board_write(text, sizeof text - 1);
    for (;;) {
    }
}
