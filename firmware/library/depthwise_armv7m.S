/* The short convolution of depthwise.c over three hops with the DSP extension (M4, M7, M33), where unaligned words may be
 * loaded: two channels at once.
 *
 * zero is other than 0 only where the inputs are int8 codes, so that x - zero fits 16 bits.
 *
 * void kws_convolve_three(const struct kws_layer *layer, const int16_t *input, int16_t *y) */
#include "target.h"

#if defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)

    .syntax unified
    .thumb

weight    .req r0 /* of the oldest hop */
input     .req r1
y         .req r2
past      .req r3 /* the oldest hop */
channels  .req r4
stride    .req r5 /* 2 channels: to the newest hop's weight, and bytes from one hop to the next */
zeros     .req r6
shift     .req r7
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
    .equ END, 4 /* of whole pairs of channels, in y */
    .equ LOCALS, 8

    .macro subtract_zeros
    ssub16  x_0, x_0, zeros
    ssub16  x_1, x_1, zeros
    ssub16  x_2, x_2, zeros
    .endm

    /* The sum of one channel, whose codes are the lower (smlabb) or upper (smlabt) half-words. */
    .macro convolve sum, multiply
    ldr     \sum, [sp, #HALF]
    ldrsb   tap, [weight, stride]
    \multiply \sum, tap, x_2, \sum
    ldrsb   tap, [weight, channels]
    \multiply \sum, tap, x_1, \sum
    ldrsb   tap, [weight], #1
    \multiply \sum, tap, x_0, \sum
    asr     \sum, \sum, shift
    ssat    \sum, #16, \sum
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
    add     past, y, stride
    mov     even, #1
    lsl     even, even, shift
    lsr     even, even, #1
    bic     odd, stride, #3
    add     odd, odd, y
    strd    even, odd, [sp, #HALF]
    cmp     y, odd
    beq     2f
1:  ldr     x_0, [past]
    ldr     x_1, [past, stride]
    ldr     x_2, [input], #4
    str     x_2, [past, stride]
    str     x_1, [past], #4
    subtract_zeros
    convolve even, smlabb
    convolve odd, smlabt
    pkhbt   even, even, odd, lsl #16
    str     even, [y], #4
    ldr     tap, [sp, #END]
    cmp     y, tap
    bne     1b
2:  lsls    tap, channels, #31
    beq     3f
    ldrh    x_0, [past]
    ldrh    x_1, [past, stride]
    ldrh    x_2, [input]
    strh    x_2, [past, stride]
    strh    x_1, [past]
    subtract_zeros
    convolve even, smlabb
    strh    even, [y]
3:  add     sp, #LOCALS
    pop     {r4-r11, pc}
    .size kws_convolve_three, . - kws_convolve_three

#endif
