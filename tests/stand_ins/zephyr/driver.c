/* A digital microphone whose samples come from standard input; its blocks come from the slab and must go back there. */
#include <stdio.h>

#include <zephyr/audio/dmic.h>

const struct device stand_in_dmic0 = {"dmic0"};
static struct pcm_stream_cfg stream;
static bool running;

bool device_is_ready(const struct device *device)
{
    return device == &stand_in_dmic0;
}

int dmic_configure(const struct device *device, struct dmic_cfg *wanted)
{
    (void)device;
    stream = wanted->streams[0];
    return stream.pcm_rate == 16000 && stream.pcm_width == 16 && stream.block_size == stream.mem_slab->bytes &&
                   wanted->channel.req_num_chan == 1
               ? 0
               : -1;
}

int dmic_trigger(const struct device *device, enum dmic_trigger command)
{
    (void)device;
    running = command == DMIC_TRIGGER_START;
    return 0;
}

int dmic_read(const struct device *device, uint8_t number, void **block, uint32_t *bytes, int32_t timeout_ms)
{
    struct k_mem_slab *slab = stream.mem_slab;
    (void)device;
    (void)number;
    (void)timeout_ms;
    if (!running || slab->taken == slab->count)
        return -1;
    *block = slab->blocks + slab->taken++ * slab->bytes;
    *bytes = stream.block_size;
    return fread(*block, 1, stream.block_size, stdin) == stream.block_size ? 0 : -1;
}

void k_mem_slab_free(struct k_mem_slab *slab, void *block)
{
    (void)block;
    slab->taken--;
}
