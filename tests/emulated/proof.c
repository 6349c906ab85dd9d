/* The proof's program: what the library computes, written out in full for a byte-by-byte comparison.
 *
 *     proof hear INPUT OUTPUT    INPUT: PCM int16.  Each hop writes codes, state, logits, smoothed posteriors, and the
 *                                detected label (KWS_LABELS where none)
 *     proof step INPUT OUTPUT    INPUT: codes int8 [KWS_BANDS] and state int16 [KWS_UNITS] of each step, unrelated to
 *                                one another.  Each step writes the next state and the logits */
#include <string.h>

#include "kws.h"
#include "semihosting.h"

int main(void);

static struct kws kws;

static bool read_all(int file, void *data, size_t size)
{
    return semihosting_read(file, data, size) == size;
}

static void write_hop(int file, uint8_t detected)
{
    semihosting_write(file, kws.codes, sizeof kws.codes);
    semihosting_write(file, kws.state, sizeof kws.state);
    semihosting_write(file, kws.logits, sizeof kws.logits);
    semihosting_write(file, kws.detector.smoothed, sizeof kws.detector.smoothed);
    semihosting_write(file, &detected, 1);
}

static void hear(int input, int output)
{
    static int16_t pcm[KWS_HOP_SAMPLES];
    struct kws_detection detection;
    while (read_all(input, pcm, sizeof pcm)) {
        const bool detected = kws_hop(&kws, pcm, &detection);
        write_hop(output, detected ? detection.label : KWS_LABELS);
    }
}

static void step(int input, int output)
{
    while (read_all(input, kws.codes, sizeof kws.codes) && read_all(input, kws.state, sizeof kws.state)) {
        kws_gru_step(&kws_model.gru, kws.codes, kws.state, kws.next);
        kws_classify(&kws_model.classifier, kws.next, kws.logits);
        semihosting_write(output, kws.next, sizeof kws.next);
        semihosting_write(output, kws.logits, sizeof kws.logits);
    }
}

int main(void)
{
    if (kws_init(&kws, &kws_model) != KWS_OK)
        return 1;
    /* Each argument is used up before the next is asked for: they share one buffer. */
    const bool hears = !strcmp(semihosting_argument(1), "hear");
    const int input = semihosting_open(semihosting_argument(2), "rb");
    const int output = semihosting_open(semihosting_argument(3), "wb");
    if (input < 0 || output < 0)
        return 1;
    (hears ? hear : step)(input, output);
    semihosting_close(output);
    return 0;
}
