/* One lane: a plain int32; lanes.h explains the terms. */
#ifndef KWS_LANES_ONE_H
#define KWS_LANES_ONE_H

enum { KWS_LANES = 1 };
typedef int32_t kws_lanes;
typedef int kws_mask; /* unused */

static inline kws_mask kws_mask_of(int left)
{
    return left;
}

static inline kws_lanes kws_load(const int32_t *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline kws_lanes kws_load_int16(const int16_t *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline kws_lanes kws_load_uint16(const uint16_t *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline kws_lanes kws_load_int8(const int8_t *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline kws_lanes kws_load_uint8(const uint8_t *from, kws_mask mask)
{
    (void)mask;
    return *from;
}

static inline kws_lanes kws_look_up(const uint16_t *table, kws_lanes index)
{
    return table[index];
}

static inline void kws_store_int16(int16_t *to, kws_lanes value, kws_mask mask)
{
    (void)mask;
    *to = (int16_t)value;
}

static inline void kws_store_uint8(uint8_t *to, kws_lanes value, kws_mask mask)
{
    (void)mask;
    *to = (uint8_t)value;
}

/*@ assigns \nothing;
  @ ensures INT16_MIN <= \result <= INT16_MAX; */
static inline kws_lanes kws_saturate16(kws_lanes value)
{
#ifdef KWS_CORE_MAINLINE
    int32_t saturated;
    __asm__("ssat %0, #16, %1" : "=r"(saturated) : "r"(value));
    return saturated;
#else
    if (value == (int16_t)value)
        return value;
    return value < 0 ? INT16_MIN : INT16_MAX;
#endif
}

/*@ requires 0 <= shift < 32;
  @ assigns \nothing;
  @ ensures \result == value >> shift; */
static inline kws_lanes kws_shift_right(kws_lanes value, int shift)
{
    return value >> shift;
}

/* round(value / 2^shift), ties up; value + 2^(shift - 1) does not overflow. */
/*@ requires 1 <= shift <= 30 && 0 < (1 << (shift - 1)) <= INT32_MAX && value + (1 << (shift - 1)) <= INT32_MAX;
  @ assigns \nothing;
  @ ensures \result == (value + (1 << (shift - 1))) >> shift; */
static inline kws_lanes kws_shift_right_rounded(kws_lanes value, int shift)
{
    return (value + ((int32_t)1 << (shift - 1))) >> shift;
}

/* round(a * b / 2^15), ties up; 0 <= a < 2^15, |a * b| < 2^31 - 2^14. */
/*@ requires 0 <= a <= INT16_MAX && -UINT16_MAX <= b <= UINT16_MAX;
  @ assigns \nothing;
  @ ensures -UINT16_MAX <= \result <= UINT16_MAX; */
static inline kws_lanes kws_multiply_q15(kws_lanes a, kws_lanes b)
{
    return (a * b + (1 << 14)) >> 15;
}

/* The same for |b| <= 2^24. */
static inline kws_lanes kws_multiply_q15_long(kws_lanes a, kws_lanes b)
{
#ifdef KWS_CORE_DSP
    int32_t product;
    __asm__("smmulr %0, %1, %2" : "=r"(product) : "r"(a << 16), "r"(2 * b));
    return product;
#else
    /* In 32 bits, with b split into its upper 17 and its lower 8 bits: |a * upper| < 2^31, and the lower part adds less than
     * 2^15. */
    const int32_t product = a * (b >> 8) + ((a * (b & 255)) >> 8);
    return (product + 64) >> 7;
#endif
}

/* 2 * value, saturated; -2^30 <= value < 2^30. */
static inline kws_lanes kws_saturate16_twice(kws_lanes value)
{
#ifdef KWS_CORE_MAINLINE
    int32_t saturated;
    __asm__("ssat %0, #16, %1, lsl #1" : "=r"(saturated) : "r"(value));
    return saturated;
#else
    return kws_saturate16(2 * value);
#endif
}

#endif
