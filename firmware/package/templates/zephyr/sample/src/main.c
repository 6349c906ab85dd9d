/* Hears the board's digital microphone and prints each keyword: Heard yes (0.93) @ 1240 ms
 *
 * The driver fills blocks of one hop from a slab; the devicetree alias dmic0 says which microphone. */
#include <zephyr/audio/dmic.h>
#include <zephyr/device.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include <Jerboa.h>

#define HOP_BYTES (KWS_{{ contents.c_name | upper }}_HOP_SAMPLES * sizeof(int16_t))
#define BLOCKS 8
#define READ_TIMEOUT_MS 1000

K_MEM_SLAB_DEFINE_STATIC(hops, HOP_BYTES, BLOCKS, 4);

static const struct device *const microphone = DEVICE_DT_GET(DT_ALIAS(dmic0));
static struct kws_{{ contents.c_name }}_frontend frontend; /* all the memory there is */
static struct kws_{{ contents.c_name }}_stream stream;

static int start_microphone(void)
{
    struct pcm_stream_cfg hop_stream = {
        .pcm_rate = 16000,
        .pcm_width = 16,
        .block_size = HOP_BYTES,
        .mem_slab = &hops,
    };
    struct dmic_cfg wanted = {
        .io = {
            .min_pdm_clk_freq = 1000000,
            .max_pdm_clk_freq = 3500000,
            .min_pdm_clk_dc = 40,
            .max_pdm_clk_dc = 60,
        },
        .streams = &hop_stream,
        .channel = {
            .req_num_streams = 1,
            .req_num_chan = 1,
            .req_chan_map_lo = dmic_build_channel_map(0, 0, PDM_CHAN_LEFT),
        },
    };
    int status;
    if (!device_is_ready(microphone))
        return -1;
    status = dmic_configure(microphone, &wanted);
    return status < 0 ? status : dmic_trigger(microphone, DMIC_TRIGGER_START);
}

static void report(const struct kws_detection *heard)
{
    const unsigned int hundredths = (heard->posterior * 100u + (1u << 14)) >> 15; /* of UQ1.15 */
    printk("Heard %s (%u.%02u) @ %lu ms\n", kws_label(&stream.kws, heard->label), hundredths / 100, hundredths % 100,
           (unsigned long)heard->time_ms);
}

int main(void)
{
    struct kws_detection heard;
    void *block;
    uint32_t size;
    if (kws_{{ contents.c_name }}_init(&stream, &frontend) != KWS_OK) {
        printk("the model is damaged\n");
        return 0;
    }
    if (start_microphone() < 0) {
        printk("the microphone does not start\n");
        return 0;
    }
    while (dmic_read(microphone, 0, &block, &size, READ_TIMEOUT_MS) == 0) {
        const bool is_whole = size == HOP_BYTES;
        if (is_whole)
            kws_frontend_hop(&frontend.frontend, block);
        k_mem_slab_free(&hops, block);
        if (is_whole && kws_hop(&stream.kws, &frontend.frontend, &heard))
            report(&heard);
    }
    printk("the microphone has stopped\n");
    return 0;
}
