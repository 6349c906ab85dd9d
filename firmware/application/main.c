/* The application of every board: microphone -> hop -> detection -> LED and a line on the serial port. */
#include "board.h"
#include "handover.h"
#include "kws.h"
#include "line.h"

#define LED_MS 300

static struct kws kws;
static struct handover handover;
static uint8_t led_hops; /* still to be lit */

int main(void);

void hop_filled(uint8_t half)
{
    handover_fill(&handover, half);
}

static void say(struct line *line)
{
    line_text(line, "\n");
    board_write((const uint8_t *)line->text, line->length);
}

static void show(const struct kws_detection *detection)
{
    struct line line;
    line_begin(&line, "Heard ");
    line_detection(&line, detection);
    say(&line);
    board_led(true);
    led_hops = LED_MS / KWS_HOP_MS;
}

static void hear(const int16_t pcm[KWS_HOP_SAMPLES])
{
    struct kws_detection detection;
    if (led_hops && !--led_hops)
        board_led(false);
    if (kws_hop(&kws, pcm, &detection))
        show(&detection);
}

int main(void)
{
    static int16_t pcm[KWS_HOP_SAMPLES];
    uint8_t half;
    struct line line;
    board_start();
    line_begin(&line, "Jerboa on ");
    line_text(&line, board_name);
    say(&line);
    while (kws_init(&kws, &kws_model) != KWS_OK) {
        line_begin(&line, "the model is corrupt: flash the image again");
        say(&line);
    }
    handover_begin(&handover);
    board_microphone_start();
    for (;;) {
        board_wait();
        if (!handover_take(&handover, &half))
            continue;
        board_read_hop(half, pcm);
        if (handover_release(&handover))
            hear(pcm);
    }
}
