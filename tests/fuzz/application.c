/* The application on a board whose serial port, microphone, clock and interrupts are the input. */
#include <setjmp.h>
#include <string.h>

#include "bytes.h"

#define main application_main
#include "main.c"
#undef main

enum { HOP, LATE_HOP, TEXT, NOTHING, EVENTS };

static struct {
    struct bytes bytes;
    jmp_buf over;
    int16_t pcm[2][HOP_SAMPLES];
    uint32_t cycles;
    uint8_t half, text; /* bytes of serial input still to come */
} board;

const char board_name[] = "fuzzer";
const uint32_t board_clock_hz = 1000000;

void board_start(void)
{
}

void board_microphone_start(void)
{
}

void board_read_hop(uint8_t half, int16_t pcm[HOP_SAMPLES])
{
    memcpy(pcm, board.pcm[half], sizeof board.pcm[half]);
    if (take_byte(&board.bytes) == 255) { /* an interrupt while it reads */
        board.half ^= 1;
        hop_filled(board.half);
    }
}

void board_led(bool on)
{
    (void)on;
}

void board_write(const uint8_t *bytes, uint16_t count)
{
    for (const uint8_t *byte = bytes; byte < bytes + count; byte++)
        require(*byte != 0);
}

uint32_t board_cycles(void)
{
    return board.cycles += 1000;
}

static void happen(void)
{
    if (board.bytes.next >= board.bytes.end)
        longjmp(board.over, 1);
    const uint8_t event = take_byte(&board.bytes);
    switch (event % EVENTS) {
    case HOP:
    case LATE_HOP:
        board.half ^= 1;
        take_pattern(&board.bytes, board.pcm[board.half], sizeof board.pcm[board.half]);
        for (int times = event % EVENTS == LATE_HOP ? 1 + event / EVENTS % 4 : 1; times > 0; times--)
            hop_filled(board.half);
        break;
    case TEXT:
        board.text = take_byte(&board.bytes);
        break;
    default:
        board.cycles += (uint32_t)event << 24;
    }
}

void board_wait(void)
{
    happen();
}

int board_read(void)
{
    if (!board.text) {
        if (application.check.hops_left)
            happen(); /* while the microphone is checked, the application does not wait */
        return -1;
    }
    board.text--;
    return take_byte(&board.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(&application, 0, sizeof application);
    memset(&board, 0, sizeof board);
    board.bytes = (struct bytes){data, data + size};
    if (!setjmp(board.over))
        application_main();
    return 0;
}
