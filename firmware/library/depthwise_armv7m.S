/* The short convolution of depthwise.c over three hops with the DSP extension (M4, M7, M33), where unaligned words may be
 * loaded: two channels at once.
 *
 * zero is other than 0 only where the inputs are int8 codes, so that x - zero fits 16 bits; where it is 0, its register has
 * the rounding half.
 *
 * void kws_convolve_three(const struct kws_layer *layer, const int16_t *input, int16_t *past, int16_t *y) */
#include "target.h"

#if defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)

    .syntax unified
    .thumb

weight    .req r0 /* of the oldest hop */
input     .req r1
past      .req r2 /* the oldest hop */
y         .req r3
channels  .req r4
stride    .req r5 /* 2 channels: to the newest hop's weight, and bytes from one hop to the next */
zeros     .req r6
half      .req r6
shift     .req r7 /* in the lowest byte; above it, pairs of channels left less one */
x_0       .req r8 /* two codes, oldest hop first */
x_1       .req r9
x_2       .req r10
even      .req r11
odd       .req r12
tap       .req lr

    .equ WEIGHTS, 16 /* in struct kws_layer */
    .equ UNITS, 22
    .equ FORMAT, 30
    .equ ZERO, 31
    .equ HALF, 0
    .equ LOCALS, 8
    .equ ONE_PAIR, 1 << 8 /* in shift */

    .macro subtract_zeros
    ssub16  x_0, x_0, zeros
    ssub16  x_1, x_1, zeros
    ssub16  x_2, x_2, zeros
    .endm

    .macro next_pair
    ldr     x_0, [past]
    ldr     x_1, [past, stride]
    ldr     x_2, [input], #4
    str     x_2, [past, stride]
    str     x_1, [past], #4
    .endm

    /* The sum of one channel, whose codes are the lower (smlabb) or upper (smlabt) half-words; start may be sum. */
    .macro convolve sum, multiply, start
    ldrsb   tap, [weight, stride]
    \multiply \sum, tap, x_2, \start
    ldrsb   tap, [weight, channels]
    \multiply \sum, tap, x_1, \sum
    ldrsb   tap, [weight], #1
    \multiply \sum, tap, x_0, \sum
    asr     \sum, \sum, shift
    ssat    \sum, #16, \sum
    .endm

    .macro store_pair
    pkhbt   even, even, odd, lsl #16
    str     even, [y], #4
    subs    shift, #ONE_PAIR
    .endm

    .section .text.kws_convolve_three, "ax", %progbits
    .global kws_convolve_three
    .type kws_convolve_three, %function
    .thumb_func
    .balign 4
kws_convolve_three:
    push    {r4-r11, lr}
    sub     sp, #LOCALS
    ldrh    channels, [r0, #UNITS]
    ldrb    shift, [r0, #FORMAT]
    ldrsb   zeros, [r0, #ZERO]
    ldr     weight, [r0, #WEIGHTS]
    pkhbt   zeros, zeros, zeros, lsl #16
    lsl     stride, channels, #1
    mov     even, #1
    lsl     even, even, shift
    lsr     even, even, #1
    str     even, [sp, #HALF]
    lsr     tap, channels, #1
    sub     tap, tap, #1
    adds    shift, shift, tap, lsl #8
    bmi     3f
    cbz     zeros, 1f
0:  next_pair
    subtract_zeros
    ldr     even, [sp, #HALF]
    mov     odd, even
    convolve even, smlabb, even
    convolve odd, smlabt, odd
    store_pair
    bpl     0b
    b       3f
1:  mov     half, even
2:  next_pair
    convolve even, smlabb, half
    convolve odd, smlabt, half
    store_pair
    bpl     2b
    mov     zeros, #0
3:  lsls    tap, channels, #31
    beq     4f
    ldrh    x_0, [past]
    ldrh    x_1, [past, stride]
    ldrh    x_2, [input]
    strh    x_2, [past, stride]
    strh    x_1, [past]
    subtract_zeros
    ldr     even, [sp, #HALF]
    convolve even, smlabb, even
    strh    even, [y]
4:  add     sp, #LOCALS
    pop     {r4-r11, pc}
    .size kws_convolve_three, . - kws_convolve_three

#endif
