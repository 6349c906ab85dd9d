#include <string.h>

#include "fused.h"

/* The hop that a tap hears: one of x, or of the history [clips, frames - 1, channels] before it. */
static const float *heard_by(long clip, long hop, long hops, long channels, long older, const float *history, const float *x)
{
    return hop < 0 ? history + (clip * older + older + hop) * channels : x + (clip * hops + hop) * channels;
}

/* y = the sum over all frames of taps [frames, channels], the oldest first, times what they hear, from low to high. */
void convolution_forward(long first, long last, long hops, long channels, long frames, const float *history,
                         const float *x, const float *taps, float low, float high, float *y)
{
    for (long clip = first; clip < last; clip++) {
        for (long hop = 0; hop < hops; hop++) {
            float *restrict sum = y + (clip * hops + hop) * channels;
            memset(sum, 0, (size_t)channels * sizeof *sum);
            for (long frame = 0; frame < frames; frame++) {
                const float *restrict heard =
                    heard_by(clip, hop + 1 - frames + frame, hops, channels, frames - 1, history, x);
                const float *restrict tap = taps + frame * channels;
                for (long channel = 0; channel < channels; channel++)
                    sum[channel] += tap[channel] * heard[channel];
            }
            for (long channel = 0; channel < channels; channel++) {
                float value = sum[channel] < low ? low : sum[channel];
                sum[channel] = value > high ? high : value;
            }
        }
    }
}

/* of_x, of_history: the gradients of x and history; of_taps [clips, frames, channels]: each clip's part of that of the taps. */
void convolution_backward(long first, long last, long hops, long channels, long frames, const float *history,
                          const float *x, const float *taps, float low, float high, const float *y, const float *of_y,
                          float *of_x, float *of_history, float *of_taps)
{
    const long older = frames - 1;
    for (long clip = first; clip < last; clip++) {
        float *mine = of_taps + clip * frames * channels;
        memset(mine, 0, (size_t)(frames * channels) * sizeof *mine);
        memset(of_x + clip * hops * channels, 0, (size_t)(hops * channels) * sizeof *of_x);
        memset(of_history + clip * older * channels, 0, (size_t)(older * channels) * sizeof *of_history);
        for (long hop = 0; hop < hops; hop++) {
            const float *restrict value = y + (clip * hops + hop) * channels;
            const float *restrict given = of_y + (clip * hops + hop) * channels;
            float inside[channels];
            for (long channel = 0; channel < channels; channel++)
                inside[channel] = value[channel] > low && value[channel] < high ? given[channel] : 0.0f;
            for (long frame = 0; frame < frames; frame++) {
                long place = hop - older + frame;
                const float *restrict heard = heard_by(clip, place, hops, channels, older, history, x);
                const float *restrict tap = taps + frame * channels;
                float *restrict of_tap = mine + frame * channels;
                float *restrict of_heard = place < 0 ? of_history + (clip * older + older + place) * channels
                                                     : of_x + (clip * hops + place) * channels;
                for (long channel = 0; channel < channels; channel++)
                    of_tap[channel] += inside[channel] * heard[channel];
                for (long channel = 0; channel < channels; channel++)
                    of_heard[channel] += inside[channel] * tap[channel];
            }
        }
    }
}
