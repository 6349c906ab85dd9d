/* Four packed rows times a vector, for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23): a product is a load, a multiplication
 * and an addition.
 *
 * Only r0 to r7 can be loaded and multiplied, so the sums are kept in the high registers.  Unsigned bytes are loaded at
 * constant offsets; signed bytes and codes at offsets 1, 3, 5 and 7 in registers, for which `code` points one byte before
 * the codes.
 *
 * void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
 *                              int32_t *sums) */
#include "target.h"

#ifdef KWS_CORE_BASELINE
#include "registers_armv6m.h"

    .syntax unified
    .thumb

weight  .req r0
code    .req r1
product .req r2
x       .req r3
one     .req r4
three   .req r5
five    .req r6
seven   .req r7
sum_a   .req r8
sum_b   .req r9
sum_c   .req r10
sum_d   .req r11
eights  .req r12 /* where `code` is after the last eight columns */
columns .req lr

    .equ CODES, 0
    .equ UNIT, 4
    .equ START, 8
    .equ FROM, 12
    .equ END, 16 /* end of the weights */
    .equ LOCALS, 20
    .equ SUMS, LOCALS + 36 /* the fifth argument */

    .macro column even, odd, row_c, row_d
    ldrb    product, [weight, #\even]
    muls    product, x
    add     sum_a, product
    ldrsb   product, [weight, \odd]
    muls    product, x
    add     sum_b, product
    ldrb    product, [weight, #\row_c]
    muls    product, x
    add     sum_c, product
    ldrsb   product, [weight, \row_d]
    muls    product, x
    add     sum_d, product
    .endm

    .macro two_columns first, second
    ldrsh   x, [code, \first]
    column  0, one, 4, five
    ldrsh   x, [code, \second]
    column  2, three, 6, seven
    adds    weight, #8
    .endm

    .macro four_columns
    two_columns one, three
    two_columns five, seven
    adds    code, #8
    .endm

    /* Branches to \label unless columns has the bit. */
    .macro unless bit, label
    mov     x, columns
    lsls    x, x, #31 - \bit
    bpl     \label
    .endm

    .section .text.kws_multiply_row_blocks, "ax", %progbits
    .global kws_multiply_row_blocks
    .type kws_multiply_row_blocks, %function
    .thumb_func
    .balign 4
kws_multiply_row_blocks:
    push_registers
    sub     sp, #LOCALS
    str     r3, [sp, #FROM]
    ldmia   r2!, {r4-r7} /* codes, columns, unit, start */
    subs    r4, #1
    str     r4, [sp, #CODES]
    str     r6, [sp, #UNIT]
    str     r7, [sp, #START]
    mov     columns, r5
    muls    r1, r5
    lsls    r1, r1, #2
    adds    r1, weight
    str     r1, [sp, #END]
    lsrs    r5, r5, #3
    lsls    r5, r5, #4
    adds    r5, r4
    mov     eights, r5
.Lblock:
    movs    one, #1
    movs    three, #3
    movs    five, #5
    movs    seven, #7
    ldr     product, [sp, #START]
    mov     sum_a, product
    mov     sum_c, product
    movs    product, #0
    mov     sum_b, product
    mov     sum_d, product
    ldr     code, [sp, #CODES]
    cmp     code, eights
    beq     2f
1:  four_columns
    four_columns
    cmp     code, eights
    bne     1b
2:  unless  2, 3f
    four_columns
3:  unless  1, 4f
    two_columns one, three
    adds    code, #4
4:  unless  0, 5f
    ldrsh   x, [code, one]
    column  0, one, 2, three
    adds    weight, #4
5:  ldr     product, [sp, #FROM]
    ldr     code, [sp, #UNIT]
    cmp     code, #1
    bne     8f
    ldmia   product!, {r4-r7}
    add     r4, sum_a
    add     r5, sum_b
    add     r6, sum_c
    add     r7, sum_d
7:  str     product, [sp, #FROM]
    ldr     product, [sp, #SUMS]
    stmia   product!, {r4-r7}
    str     product, [sp, #SUMS]
    ldr     product, [sp, #END]
    cmp     weight, product
    beq     6f
    b       .Lblock
6:  add     sp, #LOCALS
    pop_registers_and_return
8:  mov     r4, sum_a
    muls    r4, code
    mov     r5, sum_b
    muls    r5, code
    mov     r6, sum_c
    muls    r6, code
    mov     r7, sum_d
    muls    r7, code
    ldmia   product!, {x}
    adds    r4, x
    ldmia   product!, {x}
    adds    r5, x
    ldmia   product!, {x}
    adds    r6, x
    ldmia   product!, {x}
    adds    r7, x
    b       7b
    .size kws_multiply_row_blocks, . - kws_multiply_row_blocks

#endif
