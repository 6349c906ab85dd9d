/* The short convolution of depthwise.c over three hops, for Helium: eight channels at once, of which the last loads and
 * stores are masked.  (A loop with tail predication would mask halves of sums if channels are odd.)
 *
 * zero is other than 0 only where the inputs are int8 codes, so that x - zero fits 16 bits.
 *
 * void kws_convolve_three(const struct kws_layer *layer, const int16_t *input, int16_t *past, int16_t *y) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

weight_0    .req r0 /* of the oldest hop; loads that widen need registers up to r7 */
input       .req r1
hop_0       .req r2 /* the oldest */
y           .req r3
weight_1    .req r4
weight_2    .req r5
hop_1       .req r6
zero        .req r7
shift       .req r8 /* to the left: negative */
left        .req r12 /* channels */

even        .req q0 /* sums */
odd         .req q1
x_0         .req q2
weights_0   .req q3
x_1         .req q4
weights_1   .req q5
product     .req q6
x_2         .req x_0
weights_2   .req weights_0

    .equ WEIGHTS, 16 /* in struct kws_layer */
    .equ UNITS, 22
    .equ FORMAT, 30
    .equ ZERO, 31

    .macro add_tap x, weights
    vsub.i16    \x, \x, zero
    vmullb.s16  product, \weights, \x
    vmullt.s16  \weights, \weights, \x
    vadd.i32    even, even, product
    vadd.i32    odd, odd, \weights
    .endm

    .section .text.kws_convolve_three, "ax", %progbits
    .global kws_convolve_three
    .type kws_convolve_three, %function
    .thumb_func
    .balign 4
kws_convolve_three:
    push        {r4-r8, lr}
    vpush       {d8-d13}
    ldrh        left, [r0, #UNITS]
    ldrb        shift, [r0, #FORMAT]
    ldrsb       zero, [r0, #ZERO]
    ldr         weight_0, [r0, #WEIGHTS]
    rsb         shift, shift, #0
    add         weight_1, weight_0, left
    add         weight_2, weight_1, left
    add         hop_1, hop_0, left, lsl #1
1:  vctp.16     left
    vpstttt
    vldrht.u16  x_0, [hop_0]
    vldrbt.s16  weights_0, [weight_0], #8
    vldrht.u16  x_1, [hop_1]
    vldrbt.s16  weights_1, [weight_1], #8
    vsub.i16    x_0, x_0, zero
    vmullb.s16  even, weights_0, x_0
    vmullt.s16  odd, weights_0, x_0
    vpstttt
    vstrht.16   x_1, [hop_0], #16
    vldrht.u16  x_2, [input], #16
    vldrbt.s16  weights_2, [weight_2], #8
    vstrht.16   x_2, [hop_1], #16
    add_tap     x_1, weights_1
    add_tap     x_2, weights_2
    vrshl.s32   even, shift
    vrshl.s32   odd, shift
    vqmovnb.s32 x_0, even
    vqmovnt.s32 x_0, odd
    vpst
    vstrht.16   x_0, [y], #16
    subs        left, #8
    bgt         1b
    vpop        {d8-d13}
    pop         {r4-r8, pc}
    .size kws_convolve_three, . - kws_convolve_three

#endif
