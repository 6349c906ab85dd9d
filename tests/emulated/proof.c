/* The proof's program: what the library computes, written out in full for a byte-by-byte comparison.
 *
 *     proof hear INPUT OUTPUT    INPUT: PCM int16.  Each hop of each model writes features, memory, logits, the smoothed
 *                                posteriors, and the detected label (255 where none)
 *     proof stream INPUT OUTPUT  INPUT: features int16.  Each step of the first model writes features, memory, logits
 *     proof step INPUT OUTPUT    INPUT: features, memory, logits, unrelated to one another.  Each is written after one step */
#include <string.h>

#include "listeners.h"
#include "memory.h"
#include "network.h"
#include "semihosting.h"

int main(void);

static int input, output;

static bool read_all(void *data, size_t size)
{
    return semihosting_read(input, data, size) == size;
}

static size_t codes_bytes(const struct listener *listener)
{
    return listener->features->bands * sizeof(int16_t);
}

/* Of the layers' memory and the logits behind it. */
static size_t memory_bytes(const struct listener *listener)
{
    return (listener->model->memory_codes + (size_t)listener->model->labels) * sizeof(int16_t);
}

static void write_network(const struct listener *listener)
{
    semihosting_write(output, kws_codes(listener->frontend), codes_bytes(listener));
    semihosting_write(output, kws_memory(listener->kws), memory_bytes(listener));
}

static void write_hop(uint8_t place, const struct kws_detection *detection)
{
    const struct listener *listener = &listeners[place];
    const uint8_t detected = detection ? detection->label : UINT8_MAX;
    write_network(listener);
    semihosting_write(output, kws_smoothed(listener->kws), listener->keywords * sizeof(uint16_t));
    semihosting_write(output, &detected, 1);
}

static void hear(void)
{
    static int16_t pcm[HOP_SAMPLES];
    while (read_all(pcm, sizeof pcm))
        listeners_hop(pcm, write_hop);
}

static void step(const struct listener *listener)
{
    kws_network_step(listener->model, kws_codes(listener->frontend), kws_memory(listener->kws), kws_scratch(listener->frontend));
    write_network(listener);
}

static void stream(void)
{
    while (read_all(kws_codes(listeners->frontend), codes_bytes(listeners)))
        step(listeners);
}

static void steps(void)
{
    while (read_all(kws_codes(listeners->frontend), codes_bytes(listeners)) &&
           read_all(kws_memory(listeners->kws), memory_bytes(listeners)))
        step(listeners);
}

int main(void)
{
    if (!listeners_begin())
        return 1;
    /* Each argument is used up before the next is asked for: they share one buffer. */
    const char *mode = semihosting_argument(1);
    void (*const run)(void) = !strcmp(mode, "hear") ? hear : !strcmp(mode, "stream") ? stream : steps;
    input = semihosting_open(semihosting_argument(2), "rb");
    output = semihosting_open(semihosting_argument(3), "wb");
    if (input < 0 || output < 0)
        return 1;
    run();
    semihosting_close(output);
    return 0;
}
