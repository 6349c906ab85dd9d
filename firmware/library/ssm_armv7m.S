/* The state-space cell of ssm.c with the DSP extension (M4, M7, M33), where unaligned words may be loaded: two neighbouring
 * knots are one, as in gates.h.
 *
 * void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int32_t *sums) */
#include "target.h"

#if defined(KWS_CORE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && !defined(KWS_CORE_HELIUM)
#include "gates_armv7m.h"

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
z_accumulator_shift .req r8 /* in the lowest byte; above it, units left less one */
z_right_shift       .req r9
z           .req r10
v           .req r11
s           .req lr
other       .req r12

    .equ MULTIPLIER, 8 /* in struct kws_layer; the scaling follows */
    .equ UNITS, 22

    .section .text.kws_ssm_step, "ax", %progbits
    .global kws_ssm_step
    .type kws_ssm_step, %function
    .thumb_func
    .balign 4
kws_ssm_step:
    push    {r3-r11, lr} /* r3: the stack stays a multiple of eight */
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
    sub     other, units, #1
    add     z_accumulator_shift, z_accumulator_shift, other, lsl #8
    ldr     middle, =kws_sigmoid_table + 2 * 64
1:  ldr     z, [sum, units, lsl #2]
    ldrh    other, [multiplier, units, lsl #1]
    rescale z, other, z_accumulator_shift, z_right_shift
    ssat    z, #17, z, lsl #1
    sigmoid z, v, other, middle, 10
    bfc     z, #0, #10 /* the gate, UQ0.15, times 2^10 */
    ldr     v, [sum], #4
    ldrh    other, [multiplier], #2
    rescale v, other, v_accumulator_shift, v_right_shift
    ssat    v, #16, v, lsl #1
    sigmoid v, other, s, middle, 9
    tanh_of_sigmoid v
    ldrsh   other, [upper]
    ldrb    s, [lower]
    add     s, s, other, lsl #8
    sub     v, v, s
    lsl     v, v, #7 /* within 2^31, as the candidate and the state are within 0x7fff00 and 2^23 */
    smmulr  z, z, v /* kws_multiply_q15_long: 10 + 7 bits are 32 - 15 */
    add     s, s, z
    strb    s, [lower], #1
    asr     s, s, #8
    strh    s, [upper], #2
    subs    z_accumulator_shift, #1 << 8
    bpl     1b
    pop     {r3-r11, pc}
    .ltorg
    .size kws_ssm_step, . - kws_ssm_step

#endif
