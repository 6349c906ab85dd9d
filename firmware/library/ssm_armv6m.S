/* The state-space cell of ssm.c for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23), the same bits.  Those cores have few registers, so
 * it goes over the units three times: v takes the place of its sums, then z, then the states follow.
 *
 * void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int32_t *sums) */
#include "target.h"

#ifdef KWS_CORE_BASELINE

    .syntax unified
    .thumb

/* of a gate: */
value       .req r0
input       .req r1
knot        .req r2
middle      .req r3 /* knot of input 0 */
accumulator_shift .req r4
right_shift .req r5
multiplier  .req r6
sum         .req r7
half        .req r8
end         .req r9
smallest    .req r10 /* of a tanh, -32767 */

/* of the states: */
z           .req r0
difference  .req r1
s           .req r2
low         .req r3
lower       .req r4
upper       .req r5
distance    .req r6 /* from v to z */
v           .req r7

    .equ MULTIPLIER, 8 /* in struct kws_layer */
    .equ SCALING, 12
    .equ UNITS, 22
    .equ LAYER, 0 /* on the stack */
    .equ UPPER, 4
    .equ SUMS, 8
    .equ LOCALS, 16 /* the stack stays a multiple of eight */

    /* The sigmoid or tanh of requantize.h and gates.h, in the place of the sums from `sum` on. */
    .macro gate place, is_tanh
    ldr     r2, [sp, #LAYER]
    ldr     r0, [r2, #SCALING]
    ldrb    accumulator_shift, [r0, #2 * \place]
    ldrb    right_shift, [r0, #2 * \place + 1]
    ldrh    r1, [r2, #UNITS]
    lsls    r1, r1, #2
    adds    r1, r1, sum
    mov     end, r1
    movs    value, #1
    lsls    value, right_shift
    lsrs    value, value, #1
    mov     half, value
1:  ldr     value, [sum]
    asrs    value, accumulator_shift
    ldrh    input, [multiplier]
    adds    multiplier, #2
    muls    value, input
    add     value, half
    asrs    value, right_shift
    .if \is_tanh
    lsls    value, value, #1
    .endif
    sxth    input, value
    cmp     input, value
    bne     3f
2:  asrs    knot, input, #9
    lsls    knot, knot, #1
    lsls    input, input, #23
    lsrs    input, input, #23
    adds    knot, knot, middle
    ldrh    value, [knot]
    ldrh    knot, [knot, #2]
    subs    knot, knot, value
    muls    input, knot
    asrs    input, input, #9
    adds    value, value, input
    .if \is_tanh
    lsls    value, value, #1
    add     value, smallest
    .endif
    stmia   sum!, {value}
    cmp     sum, end
    bne     1b
    b       4f
3:  asrs    value, value, #31 /* saturated: 32767, or its complement */
    mov     input, smallest
    negs    input, input
    eors    input, value
    b       2b
4:
    .endm

    .section .text.kws_ssm_step, "ax", %progbits
    .global kws_ssm_step
    .type kws_ssm_step, %function
    .thumb_func
    .balign 4
kws_ssm_step:
    push    {r4-r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    push    {r4-r6}
    sub     sp, #LOCALS
    str     r0, [sp, #LAYER]
    str     r2, [sp, #UPPER]
    str     r3, [sp, #SUMS]
    movs    r2, #0
    bl      kws_accumulate
    ldr     r0, [sp, #LAYER]
    ldr     multiplier, [r0, #MULTIPLIER]
    ldr     sum, [sp, #SUMS]
    ldr     r0, =-32767
    mov     smallest, r0
    ldr     middle, =kws_sigmoid_table + 2 * 64
    gate    0, 1
    gate    1, 0
    ldr     r0, [sp, #LAYER]
    ldrh    r0, [r0, #UNITS]
    ldr     upper, [sp, #UPPER]
    lsls    lower, r0, #1
    adds    lower, lower, upper
    lsls    distance, r0, #2
    ldr     v, [sp, #SUMS]
    adds    r0, v, distance
    mov     end, r0
5:  ldr     z, [v, distance]
    ldmia   v!, {difference}
    movs    s, #0
    ldrsh   s, [upper, s]
    ldrb    low, [lower]
    lsls    s, s, #8
    adds    s, s, low
    lsls    difference, difference, #8
    subs    difference, difference, s
    uxtb    low, difference
    muls    low, z
    lsrs    low, low, #8
    asrs    difference, difference, #8
    muls    difference, z
    adds    difference, difference, low /* kws_multiply_q15_long; the last bit that the shift drops rounds it */
    asrs    difference, difference, #7
    adcs    s, difference
    strb    s, [lower]
    asrs    s, s, #8
    strh    s, [upper]
    adds    upper, #2
    adds    lower, #1
    cmp     v, end
    bne     5b
    add     sp, #LOCALS
    pop     {r4-r6}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    pop     {r4-r7, pc}
    .pool
    .size kws_ssm_step, . - kws_ssm_step

#endif
