/* The application of every board: microphone -> hop -> detection -> LED and a line on the serial port.
 * It sleeps between hops; answers and captures go out a line at a time, so that no hop waits for more than one line. */
#include <stddef.h>

#include "board.h"
#include "commands.h"

#define LED_MS 300

static struct application application; /* all the memory there is */

int main(void);

void hop_filled(uint8_t half)
{
    handover_fill(&application.handover, half, board_cycles());
}

static void show(const struct heard *heard)
{
    struct line line;
    line_event(&line, heard);
    say(&line);
    board_led(true);
    application.led_hops = LED_MS / HOP_MS;
}

/* Detections are shown when the hop is over, so that the time it took is the library's alone. */
static void remember(uint8_t listener, const struct kws_detection *detection)
{
    if (detection)
        application.heard[application.detections++] = (struct heard){listener, *detection};
}

static void hear(uint32_t taken_cycles)
{
    application.detections = 0;
    listeners_hop(application.pcm, remember);
    load_hop(&application.load, handover_hops(&application.handover), board_cycles() - taken_cycles);
    capture_hop(&application.capture, application.pcm, application.detections ? &application.heard[0] : NULL);
    if (application.led_hops && !--application.led_hops)
        board_led(false);
    for (uint8_t place = 0; place < application.detections; place++)
        show(&application.heard[place]);
}

/* Returns whether a hop was waiting. */
static bool take_hop(void)
{
    struct handover *handover = &application.handover;
    const uint32_t missed = handover->missed, taken_cycles = board_cycles();
    uint8_t half;
    if (!handover_take(handover, &half))
        return false;
    const uint32_t filled_cycles = handover->filled_cycles;
    board_read_hop(half, application.pcm);
    const bool whole = handover_release(handover);
    if (handover->missed != missed)
        capture_gap(&application.capture);
    if (!whole)
        return true;
    hear(taken_cycles);
    if (application.check.hops_left &&
        microphone_check_hop(&application.check, application.pcm, handover->taken, filled_cycles))
        say_microphone(&application);
    return true;
}

static void greet(void)
{
    struct line line;
    line_begin(&line, "Jerboa on ");
    line_text(&line, board_name);
    say(&line);
    while (!listeners_begin()) {
        line_begin(&line, "the model is damaged: flash the image again");
        say(&line);
    }
}

int main(void)
{
    board_start();
    greet();
    handover_begin(&application.handover);
    say_selftest(&application);
    load_begin(&application.load, 0);
    board_microphone_start();
    for (;;)
        /* A cycle counter may stop in sleep; the microphone check measures time by it, so it stays awake. */
        if (!take_hop() && !serve(&application) && !application.check.hops_left)
            board_wait();
}
