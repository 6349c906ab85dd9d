#include "microphone_check.h"

#include "frontend.h" /* kws_log2 */
#include "handover.h"

#define SAMPLES ((uint32_t)MICROPHONE_CHECK_HOPS * HOP_SAMPLES)

void microphone_check_begin(struct microphone_check *check)
{
    const struct microphone_check fresh = {.hops_left = MICROPHONE_CHECK_HOPS, .quietest = UINT64_MAX};
    *check = fresh;
}

/* sum(x^2) - sum(x)^2 / n */
static uint64_t about_mean(uint64_t squares, int32_t sum, uint32_t count)
{
    return squares - (uint64_t)((int64_t)sum * sum) / count;
}

static void add_hop(struct microphone_check *check, const int16_t pcm[HOP_SAMPLES])
{
    int32_t sum = 0;
    uint64_t squares = 0;
    for (int i = 0; i < HOP_SAMPLES; i++) {
        const int32_t sample = pcm[i];
        sum += sample;
        squares += (uint32_t)(sample * sample);
        check->clipped = (uint16_t)(check->clipped + (sample == INT16_MAX || sample == INT16_MIN));
    }
    const uint64_t hop = about_mean(squares, sum, HOP_SAMPLES);
    check->sum += sum;
    check->squares += squares;
    if (hop < check->quietest)
        check->quietest = hop;
}

bool microphone_check_hop(struct microphone_check *check, const int16_t pcm[HOP_SAMPLES], uint32_t hops_filled,
                          uint32_t cycles)
{
    if (!check->begun) {
        check->begun = true;
        check->begin_hops = hops_filled;
        check->begin_cycles = cycles;
        return false;
    }
    add_hop(check, pcm);
    check->hops = handover_passed(check->begin_hops, hops_filled);
    check->cycles = cycles - check->begin_cycles;
    return !--check->hops_left;
}

/* Tenths of a decibel that sum / count lies below 2^30, at most 1144: 30.1030 tenths are a factor of two. */
static uint16_t below_full_scale_db10(uint64_t sum, uint32_t count)
{
    const uint64_t mean = (sum << 8) / count; /* UQ30.8 */
    const uint32_t below = (38u << 11) - kws_log2(mean ? mean : 1); /* UQ6.11 */
    return (uint16_t)((below * 15413u + (1u << 19)) >> 20);         /* 15413 / 2^20 = 30.103 / 2^11; below 2^30.2 */
}

void microphone_check_report(const struct microphone_check *check, uint32_t clock_hz, struct microphone_report *report)
{
    report->dc = check->sum / (int32_t)SAMPLES;
    report->rms_db10 = below_full_scale_db10(about_mean(check->squares, check->sum, SAMPLES), SAMPLES);
    report->noise_db10 = below_full_scale_db10(check->quietest, HOP_SAMPLES);
    report->clipped = check->clipped;
    const uint64_t clocks = (uint64_t)check->hops * HOP_SAMPLES * clock_hz; /* below 2^50 */
    report->rate_hz = check->cycles ? (uint32_t)((clocks + check->cycles / 2) / check->cycles) : 0;
}
