/* Levels: code = round(gain * log2(1 + E / floor)) - 128, saturated at 127. */
#include "frontend.h"
#include "primitives.h"

/* log2 of a positive value, UQ6.11, by linear interpolation: low by at most 0.0007. */
/*@ requires value > 0;
  @ assigns \nothing;
  @ ensures \result < 65 << 11; */
uint32_t kws_log2(uint64_t value)
{
    const uint32_t high = (uint32_t)(value >> 32);
    uint32_t exponent, mantissa; /* value = mantissa / 2^31 * 2^exponent, the mantissa's top bit set */
    if (high) {
        const uint32_t zeros = kws_leading_zeros(high);
        exponent = 63 - zeros;
        mantissa = high << zeros | (uint32_t)value >> 1 >> (31 - zeros);
    } else {
        const uint32_t zeros = kws_leading_zeros((uint32_t)value);
        exponent = 31 - zeros;
        mantissa = (uint32_t)value << zeros;
    }
    const uint32_t *knot = &kws_log2_table[mantissa >> 26 & 31];
    const uint32_t fraction = mantissa >> 10 & 0xffff;
    return ((exponent << 16) + knot[0] + (((knot[1] - knot[0]) * fraction) >> 16)) >> 5;
}

/*@ requires energy < 1 << 48;
  @ assigns \nothing; */
int8_t kws_log_code(uint64_t energy)
{
    const uint32_t above_floor = kws_log2(energy + KWS_ENERGY_FLOOR) - KWS_ENERGY_FLOOR_LOG2; /* below 2^16.3 */
    const uint32_t level = (above_floor * KWS_LOG_GAIN + (1u << 22)) >> 23;                /* UQ.23 below 2^31.1 */
    return (int8_t)((int32_t)(level < 255 ? level : 255) - 128);
}
