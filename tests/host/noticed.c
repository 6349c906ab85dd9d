/* A capture that hears nothing: of each hop it is told one keyword's posterior, and whether that is detected. */
#include <string.h>

#include "capture.h"

static struct kws kws;
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
    memset(&kws, 0, sizeof kws);
    memset(&capture, 0, sizeof capture);
    for (uint8_t label = 0; label < KWS_KEYWORDS; label++)
        kws.detector.point.thresholds[label] = threshold;
    capture_set_mode(&capture, mode);
}

/* Returns whether a capture is sent after this hop, which it is at once. */
bool noticed_hop(uint16_t posterior, bool detected, struct noticed *noticed)
{
    static const int16_t silence[KWS_HOP_SAMPLES];
    struct line line;
    kws.hops++;
    kws.detector.smoothed[0] = posterior;
    const struct kws_detection detection = {0, posterior, kws.hops * KWS_HOP_MS};
    capture_hop(&capture, silence, &kws, detected ? &detection : NULL);
    if (!capture_line(&capture, &line))
        return false;
    noticed->cause = capture.cause;
    noticed->posterior = capture.about.posterior;
    noticed->time_ms = capture.about.time_ms;
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
