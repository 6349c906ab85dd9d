/* What lies between a microphone and the front end: the PDM filter, the removal of DC, the microphone check. */
#include "bytes.h"
#include "dc_removal.h"
#include "microphone_check.h"
#include "pdm.h"

/* As the board pico reads a hop. */
static void read_hop(struct pdm *pdm, struct dc *dc, struct bytes *bytes, int16_t pcm[HOP_SAMPLES])
{
    static uint8_t bits[PDM_HOP_BYTES];
    static int32_t samples[HOP_SAMPLES];
    int32_t sum = 0;
    take_pattern(bytes, bits, sizeof bits);
    pdm_hop(pdm, bits, samples);
    for (int i = 0; i < HOP_SAMPLES; i++) {
        require(samples[i] > -(1 << 19) && samples[i] < 1 << 19); /* full scale is 2^17, beyond which a filter may swing */
        sum += samples[i];
    }
    const int32_t mean = dc_follow(dc, sum / HOP_SAMPLES), gain = 1 + take_byte(bytes) % 8;
    for (int i = 0; i < HOP_SAMPLES; i++)
        pcm[i] = saturate_int16((samples[i] - mean) * gain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdm pdm;
    struct bytes bytes = {data, data + size};
    struct dc dc = {0, 0};
    struct microphone_check check;
    struct microphone_report report;
    int16_t pcm[HOP_SAMPLES];
    uint32_t hops = (uint32_t)take_word(&bytes) << 16, cycles = (uint32_t)take_word(&bytes) << 16;
    const uint32_t clock_hz = 1000000 * (1 + take_byte(&bytes));
    bool over = false;
    pdm_begin(&pdm);
    microphone_check_begin(&check);
    while (!over) {
        read_hop(&pdm, &dc, &bytes, pcm);
        over = microphone_check_hop(&check, pcm, hops += 1 + (take_byte(&bytes) == 255), cycles += take_word(&bytes) * 64u);
    }
    microphone_check_report(&check, clock_hz, &report);
    require(report.clipped <= MICROPHONE_CHECK_HOPS * HOP_SAMPLES && report.dc >= -32768 && report.dc <= 32767);
    return 0;
}
