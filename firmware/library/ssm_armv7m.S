/* The state-space cell of ssm.c with the DSP extension (M4, M7, M33), where unaligned words may be loaded: two neighbouring
 * knots are one, as in gates.h.
 *
 * void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int32_t *sums) */
#include "target.h"

#if defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)

    .syntax unified
    .thumb

sum         .req r0
multiplier  .req r1
upper       .req r2
lower       .req r3
middle      .req r4 /* knot of input 0 */
units       .req r5
v_accumulator_shift .req r6
v_right_shift       .req r7
z_accumulator_shift .req r8
z_right_shift       .req r9
z           .req r10
v           .req r11
s           .req lr
other       .req r12

    .equ MULTIPLIER, 8 /* in struct kws_layer; the scaling follows */
    .equ UNITS, 22

    /* kws_rescale of a sum; the last bit that the shift leaves out rounds it. */
    .macro rescale value, multiplier, accumulator_shift, right_shift
    asr     \value, \value, \accumulator_shift
    mul     \value, \value, \multiplier
    asrs    \value, \value, \right_shift
    adc     \value, \value, #0
    .endm

    /* The sigmoid times 2^9, with a fraction. */
    .macro sigmoid value, knots, weight
    asr     \knots, \value, #9
    ubfx    \value, \value, #0, #9
    ldr     \knots, [middle, \knots, lsl #1]
    rsb     \weight, \value, #512
    pkhbt   \value, \weight, \value, lsl #16
    smuad   \value, \knots, \value
    .endm

    .section .text.kws_ssm_step, "ax", %progbits
    .global kws_ssm_step
    .type kws_ssm_step, %function
    .thumb_func
    .balign 4
kws_ssm_step:
    push    {r3-r11, lr} /* the first is a place for the end of the states' upper parts */
    mov     r6, r0
    mov     r7, r2
    mov     r8, r3
    movs    r2, #0
    bl      kws_accumulate
    mov     sum, r8
    mov     upper, r7
    ldrh    units, [r6, #UNITS]
    ldrd    multiplier, other, [r6, #MULTIPLIER]
    ldrb    v_accumulator_shift, [other]
    ldrb    v_right_shift, [other, #1]
    ldrb    z_accumulator_shift, [other, #2]
    ldrb    z_right_shift, [other, #3]
    add     lower, upper, units, lsl #1
    str     lower, [sp]
    ldr     middle, =kws_sigmoid_table + 2 * 64
1:  ldr     z, [sum, units, lsl #2]
    ldrh    other, [multiplier, units, lsl #1]
    rescale z, other, z_accumulator_shift, z_right_shift
    ssat    z, #16, z
    sigmoid z, v, other
    asr     z, z, #9
    lsl     z, z, #16
    ldr     v, [sum], #4
    ldrh    other, [multiplier], #2
    rescale v, other, v_accumulator_shift, v_right_shift
    ssat    v, #16, v, lsl #1
    sigmoid v, other, s
    bfc     v, #0, #9 /* tanh * 2^8 = (2 sigmoid - 0x7fff) * 2^8 */
    sub     v, v, #0x7f8000
    sub     v, v, #0x7f00
    ldrsh   other, [upper]
    ldrb    s, [lower]
    add     s, s, other, lsl #8
    sub     v, v, s
    lsl     v, v, #1
    smmulr  z, z, v /* kws_multiply_q15_long */
    add     s, s, z
    strb    s, [lower], #1
    asr     s, s, #8
    strh    s, [upper], #2
    ldr     other, [sp]
    cmp     upper, other
    bne     1b
    pop     {r3-r11, pc}
    .ltorg
    .size kws_ssm_step, . - kws_ssm_step

#endif
