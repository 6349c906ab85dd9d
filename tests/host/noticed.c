/* A capture that hears nothing: of each hop it is told one keyword's posterior, and whether that is detected. */
#include <string.h>

#include "capture.h"
#include "memory.h"

static struct capture capture;

struct noticed {
    uint8_t cause;
    uint16_t posterior;
    uint32_t time_ms;
};

void noticed_begin(uint8_t mode, uint16_t threshold);
bool noticed_hop(uint16_t posterior, bool detected, struct noticed *noticed);
void noticed_gap(void);
bool noticed_check(bool ends);

void noticed_begin(uint8_t mode, uint16_t threshold)
{
    memset(&capture, 0, sizeof capture);
    (void)listeners_begin();
    listeners_reset();
    for (uint8_t label = 0; label < listeners->keywords; label++)
        (void)kws_set_threshold(listeners->kws, label, threshold);
    capture_set_mode(&capture, mode);
}

/* Returns whether a capture is sent after this hop, which it is at once. */
bool noticed_hop(uint16_t posterior, bool detected, struct noticed *noticed)
{
    static const int16_t silence[HOP_SAMPLES];
    struct line line;
    listeners->frontend->hops++;
    kws_smoothed(listeners->kws)[0] = posterior;
    const struct heard heard = {0, {0, posterior, listeners->frontend->hops * HOP_MS}};
    capture_hop(&capture, silence, detected ? &heard : NULL);
    if (!capture_line(&capture, &line))
        return false;
    noticed->cause = capture.cause;
    noticed->posterior = capture.about.detection.posterior;
    noticed->time_ms = capture.about.detection.time_ms;
    while (capture_line(&capture, &line)) {
    }
    return true;
}

void noticed_gap(void)
{
    capture_gap(&capture);
}

/* The microphone check begins, or ends: whether its second can begin, or is sent. */
bool noticed_check(bool ends)
{
    return ends ? capture_microphone(&capture) : capture_check(&capture);
}
