/* Four packed rows times a vector, for cores with Helium (M55): eight columns at once.
 *
 * VLD2 separates the words of rows a and b from those of c and d.  In each half-word a byte of a (or c) lies below one of b
 * (or d); VMOVLB widens the lower bytes and VMOVLT the upper ones to the lanes of the codes.
 *
 * void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
 *                              int32_t *sums) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

weight  .req r0
blocks  .req r1
columns .req r2
from    .req r3
sum_a   .req r4 /* VMLADAVA adds to registers of even numbers */
sums    .req r5
sum_b   .req r6
eights  .req r7
sum_c   .req r8
unit    .req r9
sum_d   .req r10
code    .req r11
scratch .req r12
second  .req lr

    .equ CODES, 0
    .equ START, 4
    .equ LOCALS, 8
    .equ SUMS, LOCALS + 16 + 36 /* the fifth argument */

    /* q0: a and b, q1: c and d, q2: codes */
    .macro eight_columns
    vmovlb.u8    q3, q0
    vmovlt.s8    q0, q0
    vmladava.s16 sum_a, q3, q2
    vmovlb.u8    q3, q1
    vmladava.s16 sum_b, q0, q2
    vmovlt.s8    q1, q1
    vmladava.s16 sum_c, q3, q2
    vmladava.s16 sum_d, q1, q2
    .endm

    .section .text.kws_multiply_row_blocks, "ax", %progbits
    .global kws_multiply_row_blocks
    .type kws_multiply_row_blocks, %function
    .thumb_func
    .balign 4
kws_multiply_row_blocks:
    push         {r4-r11, lr}
    vpush        {d8, d9}
    sub          sp, #LOCALS
    ldr          sums, [sp, #SUMS]
    ldm          r2, {r6, r8, r9, r10} /* codes, columns, unit, start */
    strd         r6, r10, [sp, #CODES]
    mov          columns, r8
    lsr          eights, columns, #3
    ubfx         columns, columns, #0, #3
    mov          scratch, #0
    vidup.u32    q4, scratch, #8 /* 0, 8, 16, 24 */
.Lblock:
    ldrd         code, sum_a, [sp, #CODES]
    mov          sum_c, sum_a
    movs         sum_b, #0
    mov          sum_d, #0
    wls          lr, eights, 2f
1:  vld20.32     {q0, q1}, [weight]
    vld21.32     {q0, q1}, [weight]!
    vldrh.u16    q2, [code], #16
    eight_columns
    le           lr, 1b
2:  cbz          columns, 4f
    lsrs         scratch, columns, #1 /* pairs of columns are left: words at 0, 8 and 16, and after them */
    beq          3f
    add          second, weight, #4
    vctp.32      scratch
    vpstt
    vldrwt.u32   q0, [weight, q4]
    vldrwt.u32   q1, [second, q4]
    lsl          scratch, #1
    vctp.16      scratch
    vpst
    vldrht.u16   q2, [code]
    eight_columns
    add          weight, weight, scratch, lsl #2
    add          code, code, scratch, lsl #1
3:  lsls         scratch, columns, #31
    bpl          4f
    ldrsh        scratch, [code] /* and a b c d of the last column */
    ldrsb        second, [weight, #1]
    mla          sum_b, second, scratch, sum_b
    ldrb         second, [weight, #2]
    mla          sum_c, second, scratch, sum_c
    ldrsb        second, [weight, #3]
    mla          sum_d, second, scratch, sum_d
    ldrb         second, [weight], #4
    mla          sum_a, second, scratch, sum_a
4:  vmov         q3[2], q3[0], sum_a, sum_c
    vmov         q3[3], q3[1], sum_b, sum_d
    vldrw.u32    q0, [from], #16
    vmla.s32     q0, q3, unit
    vstrw.32     q0, [sums], #16
    subs         blocks, #1
    bne          .Lblock
    add          sp, #LOCALS
    vpop         {d8, d9}
    pop          {r4-r11, pc}
    .size kws_multiply_row_blocks, . - kws_multiply_row_blocks

#endif
