/* A fault on a board whose serial port is this program's output. */
#include <stdio.h>
#include <stdlib.h>

#include "board.h"

int main(void);
void image_fault(void);

static bool lit;

void board_led(bool on)
{
    lit = on;
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    fwrite(bytes, 1, count, stdout);
    exit(lit ? 0 : 1);
}

int main(void)
{
    image_fault();
}
