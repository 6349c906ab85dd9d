/* The gated recurrent unit of gru.c with the DSP extension (M4, M7, M33), where unaligned words may be loaded: two neighbouring
 * knots are one, as in gates.h.
 *
 * void kws_gru_step(const struct kws_layer *layer, const int16_t *input, int16_t *h, int32_t *sums) */
#include "target.h"

#if !defined(KWS_GRU_IN_C) && defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)
#include "gates_armv7m.h"

    .syntax unified
    .thumb

sum         .req r0 /* n over the input; r, z, and n over the state are as many units on, each */
multiplier  .req r1 /* of n; those of r and z follow */
h           .req r2
units       .req r3 /* twice their number */
middle      .req r4 /* knot of input 0 */
n_half      .req r5
value       .req r6
other       .req r7
knots       .req r8
n           .req r9
z           .req r10
n_accumulator_shift .req r11 /* in the lowest byte; above it, units left less one */
n_right_shift       .req r12
shift       .req lr

    .equ MULTIPLIER, 8 /* in struct kws_layer; the scaling follows */
    .equ UNITS, 22
    .equ R_SHIFTS, 0 /* on the stack, a word each */
    .equ Z_SHIFTS, 8
    .equ LOCALS, 16

    /* The sigmoid times 2^9, with a fraction, of a sum and its multiplier. */
    .macro gate value, shifts
    ldrd    knots, shift, [sp, #\shifts]
    rescale \value, other, knots, shift
    ssat    \value, #16, \value
    sigmoid \value, knots, other, middle, 9
    .endm

    /* The pre-activation of a sum of n. */
    .macro rescale_n
    asr     value, value, n_accumulator_shift
    mla     value, value, other, n_half
    asr     value, value, n_right_shift
    ssat    value, #16, value
    .endm

    .section .text.kws_gru_step, "ax", %progbits
    .global kws_gru_step
    .type kws_gru_step, %function
    .thumb_func
    .balign 4
kws_gru_step:
    push    {r3-r11, lr} /* r3: the stack stays a multiple of eight */
    sub     sp, #LOCALS
    mov     r4, r0
    mov     r5, r2
    mov     r6, r3
    bl      kws_accumulate
    ldrd    multiplier, other, [r4, #MULTIPLIER]
    ldrh    units, [r4, #UNITS]
    mov     h, r5
    mov     sum, r6
    ldrb    value, [other, #2]
    ldrb    shift, [other, #3]
    strd    value, shift, [sp, #R_SHIFTS]
    ldrb    value, [other, #4]
    ldrb    shift, [other, #5]
    strd    value, shift, [sp, #Z_SHIFTS]
    ldrb    n_accumulator_shift, [other]
    ldrb    n_right_shift, [other, #1]
    sub     value, units, #1
    add     n_accumulator_shift, n_accumulator_shift, value, lsl #8
    movs    n_half, #1
    lsl     n_half, n_half, n_right_shift
    lsr     n_half, n_half, #1
    lsl     units, units, #1
    ldr     middle, =kws_sigmoid_table + 2 * 64
1:  ldr     z, [sum, units, lsl #2]
    ldrh    other, [multiplier, units, lsl #1]
    gate    z, Z_SHIFTS
    bfc     z, #0, #9 /* without the fraction */
    ldr     n, [sum, units, lsl #1]
    ldrh    other, [multiplier, units]
    gate    n, R_SHIFTS
    asr     n, n, #9
    add     other, sum, units, lsl #2
    ldr     value, [other, units, lsl #1]
    ldrh    other, [multiplier], #2
    rescale_n
    mul     n, n, value
    ldr     value, [sum], #4
    rescale_n
    add     n, n, #1 << 14
    add     n, value, n, asr #15
    ssat    n, #16, n, lsl #1
    sigmoid n, knots, other, middle, 9
    tanh_of_sigmoid n
    ldrsh   value, [h]
    rsb     value, n, value, lsl #8
    smmulr  value, value, z /* 8 + 9 bits are 32 - 15 */
    add     value, value, n, asr #8
    strh    value, [h], #2
    subs    n_accumulator_shift, #1 << 8
    bpl     1b
    add     sp, #LOCALS
    pop     {r3-r11, pc}
    .ltorg
    .size kws_gru_step, . - kws_gru_step

#endif
