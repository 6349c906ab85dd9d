/* A sensor in place of the front end: a hop is a row of int16 values, one of each channel.
 *
 *     code = round((value - zero) * multiplier * 2^-right_shift), saturated to int8; ties round up
 *
 * The arrays of its features: rise [2 * bands], the zeros (int16) and then the multipliers (UQ1.15, below 2^15); segment
 * [bands + 1], the right_shifts (1..30) and then 0. */
#include "frontend.h"
#include "memory.h"
#include "primitives.h"

void kws_hop_sensor(struct kws_frontend *frontend, const int16_t *row)
{
    const struct kws_features *const features = frontend->features;
    const uint16_t *const zeros = features->rise, *const multipliers = zeros + features->bands;
    int16_t *const codes = kws_codes(frontend);
    frontend->hops++;
    for (int channel = 0; channel < features->bands; channel++) {
        /* within 65535 * 32767 < 2^31 */
        const int32_t product = (row[channel] - (int16_t)zeros[channel]) * (int32_t)multipliers[channel];
        const int32_t code = ((product >> (features->segment[channel] - 1)) + 1) >> 1;
        codes[channel] = (int16_t)(code < -128 ? -128 : code > 127 ? 127 : code);
    }
}
