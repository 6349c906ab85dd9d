/* Four rows times a vector, for cores with Helium (M55): sixteen columns at once; rows_helium.c says how codes are split.
 *
 * A pass takes up to 48 columns of the vector into registers, where they stay while all rows go by; the first pass adds its
 * sums to `from`, a further one to what the one before left in `sums`.
 *
 * void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
 *                              int32_t *sums) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

first   .req r0 /* weights of the pass */
blocks  .req r1
other   .req r1 /* weights of the row after */
codes   .req r2 /* of the pass: high bytes */
from    .req r3
sum_a   .req r4 /* VMLADAV sums in registers of even numbers */
weight  .req r5
sum_b   .req r6
step    .req r7 /* from the last vector of a row to the row after the next */
sum_c   .req r8
unit    .req r9
sum_d   .req r10
sums    .req r11
high    .req r12

left    .req r4 /* columns, between passes */
columns .req r6
lows    .req r8 /* low bytes */

    .equ LEFT, 0 /* and columns */
    .equ BLOCKS, 8
    .equ LOCALS, 16
    .equ SUMS, LOCALS + 64 + 36 /* the fifth argument */

    .macro products weights, high_bytes, low_bytes, sum, add
    vmladav\add\().s8 high, \weights, \high_bytes
    vmladav\add\().s8 \sum, \weights, \low_bytes
    .endm

    .macro combine sum
    add          \sum, \sum, high, lsl #8
    .endm

    /* The last vectors of two rows are loaded together, under one mask. */
    .macro two_rows vectors, sum_1, sum_2
    .if \vectors == 3
    vldrb.s8     q6, [weight], #16
    products     q6, q0, q3, \sum_1
    vldrb.s8     q7, [weight], #16
    products     q7, q1, q4, \sum_1, a
    .elseif \vectors == 2
    vldrb.s8     q7, [weight], #16
    products     q7, q1, q4, \sum_1
    .endif
    vpstt
    vldrbt.s8    q6, [weight]
    vldrbt.s8    q7, [other, #16 * (\vectors - 1)]
    .if \vectors == 1
    products     q6, q2, q5, \sum_1
    combine      \sum_1
    products     q7, q2, q5, \sum_2
    .else
    products     q6, q2, q5, \sum_1, a
    combine      \sum_1
    vldrb.s8     q6, [other], #16
    .if \vectors == 3
    products     q6, q0, q3, \sum_2
    vldrb.s8     q6, [other], #16
    products     q6, q1, q4, \sum_2, a
    .else
    products     q6, q1, q4, \sum_2
    .endif
    products     q7, q2, q5, \sum_2, a
    .endif
    combine      \sum_2
    add          weight, step
    add          other, step
    .endm

    .macro take high_bytes, low_bytes /* a whole vector of columns */
    vldrb.s8     \high_bytes, [codes], #16
    vldrb.s8     \low_bytes, [lows], #16
    sub          left, #16
    .endm

    /* The last vector is q2 and q5, the ones before it are taken already. */
    .macro rows vectors
    vctp.8       left
    vpstt
    vldrbt.s8    q2, [codes], #16
    vldrbt.s8    q5, [lows]
    lsl          step, columns, #1
    add          other, weight, columns
    sub          step, #16 * (\vectors - 1)
1:  two_rows     \vectors, sum_a, sum_b
    two_rows     \vectors, sum_c, sum_d
    vmov         q6[2], q6[0], sum_a, sum_c
    vmov         q6[3], q6[1], sum_b, sum_d
    vldrw.u32    q7, [from], #16
    vmla.s32     q7, q6, unit
    vstrw.32     q7, [sums], #16
    le           lr, 1b
    .endm

    .section .text.kws_multiply_row_blocks, "ax", %progbits
    .global kws_multiply_row_blocks
    .type kws_multiply_row_blocks, %function
    .thumb_func
    .balign 4
kws_multiply_row_blocks:
    push         {r4-r11, lr}
    vpush        {d8-d15}
    sub          sp, #LOCALS
    str          blocks, [sp, #BLOCKS]
    ldr          unit, [r2, #8]
    ldrd         codes, columns, [r2]
    mov          left, columns
.Lpass:
    strd         left, columns, [sp, #LEFT]
    ldr          r12, [sp, #BLOCKS]
    dls          lr, r12
    ldr          sums, [sp, #SUMS]
    mov          weight, first
    add          lows, codes, columns
    cmp          left, #32
    bgt          .Lthree
    cmp          left, #16
    bgt          .Ltwo
    rows         1
    b            .Lnext
.Ltwo:
    take         q1, q4
    rows         2
    b            .Lnext
.Lthree:
    take         q0, q3
    take         q1, q4
    rows         3
.Lnext:
    ldrd         left, columns, [sp, #LEFT]
    ldr          from, [sp, #SUMS]
    add          first, #48
    subs         left, #48
    bgt          .Lpass
    add          sp, #LOCALS
    vpop         {d8-d15}
    pop          {r4-r11, pc}
    .size kws_multiply_row_blocks, . - kws_multiply_row_blocks

#endif
