/* The proof's program: what the library computes, written out in full for a byte-by-byte comparison.
 *
 *     proof hear INPUT OUTPUT    INPUT: PCM int16.  Each hop writes the network (features, memory, logits), the smoothed
 *                                posteriors, and the detected label (255 where none)
 *     proof stream INPUT OUTPUT  INPUT: features int16.  Each step writes the network, its memory carried on
 *     proof step INPUT OUTPUT    INPUT: networks, unrelated to one another.  Each is written after one step */
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
    semihosting_write(file, &kws.network, sizeof kws.network);
    semihosting_write(file, kws.detector.smoothed, sizeof kws.detector.smoothed);
    semihosting_write(file, &detected, 1);
}

static void hear(int input, int output)
{
    static int16_t pcm[KWS_HOP_SAMPLES];
    struct kws_detection detection;
    while (read_all(input, pcm, sizeof pcm)) {
        const bool detected = kws_hop(&kws, pcm, &detection);
        write_hop(output, detected ? detection.label : UINT8_MAX);
    }
}

static void stream(int input, int output)
{
    while (read_all(input, kws.network.codes, sizeof kws.network.codes)) {
        kws_network_step(&kws.network, kws_model.layers, kws.scratch.sums);
        semihosting_write(output, &kws.network, sizeof kws.network);
    }
}

static void step(int input, int output)
{
    while (read_all(input, &kws.network, sizeof kws.network)) {
        kws_network_step(&kws.network, kws_model.layers, kws.scratch.sums);
        semihosting_write(output, &kws.network, sizeof kws.network);
    }
}

int main(void)
{
    if (kws_init(&kws, &kws_model) != KWS_OK)
        return 1;
    /* Each argument is used up before the next is asked for: they share one buffer. */
    const char *mode = semihosting_argument(1);
    void (*const run)(int, int) = !strcmp(mode, "hear") ? hear : !strcmp(mode, "stream") ? stream : step;
    const int input = semihosting_open(semihosting_argument(2), "rb");
    const int output = semihosting_open(semihosting_argument(3), "wb");
    if (input < 0 || output < 0)
        return 1;
    run(input, output);
    semihosting_close(output);
    return 0;
}
