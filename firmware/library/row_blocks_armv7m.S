/* Four packed rows times a vector, for ARMv7-M and ARMv8-M Mainline without Helium.
 *
 * With the DSP extension (M4, M7, M33) a word of weights is two half-words w = a + 256 b, of two neighbouring columns.
 * UXTB16 leaves a; SMLAD sums a x over both columns in 32 bits, SMLALD sums w x in 64; both begin with x.start, and
 * (sum(w x) - sum(a x)) / 256 is sum(b x), also if both are floored first: their lowest eight bits are the same.  Codes are
 * aligned to four bytes.
 * Without it (M3) a product is a load and a multiply-accumulate.
 *
 * void kws_multiply_row_blocks(const uint8_t *weights, int blocks, const struct kws_vector *x, const int32_t *from,
 *                              int32_t *sums) */
#include "target.h"

#if defined(KWS_CORE_MAINLINE) && !defined(KWS_CORE_HELIUM)

    .syntax unified
    .thumb

weight  .req r0
code    .req r1
count   .req r2
sum_a   .req r6
sum_b   .req r7
sum_c   .req r9
sum_d   .req r10
end     .req r12 /* of the weights */

    .equ BEGIN, 0 /* what a block begins with: code, count, sum_a to sum_d with the upper words, and pc */
    .equ UNIT, 36
    .equ FROM, 40
    .equ TO, 44 /* the sums */
    .equ REST, 48 /* where the columns after the last four are multiplied */
    .equ LOCALS, 52
    .equ SUMS, LOCALS + 36 /* the fifth argument */

#if defined(KWS_CORE_DSP)

/* b and d are the lower words of sum(w x) until the end. */
pair    .req r3 /* two codes */
next    .req lr /* two more */
word_ab .req r4
word_cd .req r5
b_high  .req r8
d_high  .req r11

    .equ FOURS_BITS, 3

    .macro begin start
    mov     sum_b, \start
    asr     b_high, \start, #31
    mov     sum_d, \start
    asr     d_high, \start, #31
    .endm

    .macro eight_products pair
    ldmia   weight!, {word_ab, word_cd}
    smlald  sum_b, b_high, word_ab, \pair
    uxtb16  word_ab, word_ab
    smlald  sum_d, d_high, word_cd, \pair
    uxtb16  word_cd, word_cd
    smlad   sum_a, word_ab, \pair, sum_a
    smlad   sum_c, word_cd, \pair, sum_c
    .endm

    .macro two_columns
    ldr     pair, [code], #4
    eight_products pair
    .endm

    .macro four_columns
    ldmia   code!, {pair, next}
    eight_products pair
    eight_products next
    .endm

    .macro last_column
    ldrsh   pair, [code]
    ldr     word_ab, [weight], #4 /* a b c d */
    smlalbb sum_b, b_high, word_ab, pair
    smlaltb sum_d, d_high, word_ab, pair
    uxtb    word_cd, word_ab
    mla     sum_a, word_cd, pair, sum_a
    uxtb    word_cd, word_ab, ror #16
    mla     sum_c, word_cd, pair, sum_c
    .endm

    .macro finish_row first, low, high /* bits 8 to 39 are the 32-bit sum, and first / 256 too much */
    lsr     \low, #8
    orr     \low, \low, \high, lsl #24
    sub     \low, \low, \first, asr #8
    .endm

    .macro finish
    finish_row sum_a, sum_b, b_high
    finish_row sum_c, sum_d, d_high
    .endm

#else

first   .req r3
second  .req r4
product .req r5

    .equ FOURS_BITS, 2

    .macro begin start
    mov     sum_b, #0
    mov     sum_d, #0
    .endm

    .macro two_columns
    ldrsh   first, [code], #2
    ldrsh   second, [code], #2
    ldrsb   product, [weight, #1]
    mla     sum_b, product, first, sum_b
    ldrb    product, [weight, #2]
    mla     sum_a, product, second, sum_a
    ldrsb   product, [weight, #3]
    mla     sum_b, product, second, sum_b
    ldrb    product, [weight, #4]
    mla     sum_c, product, first, sum_c
    ldrsb   product, [weight, #5]
    mla     sum_d, product, first, sum_d
    ldrb    product, [weight, #6]
    mla     sum_c, product, second, sum_c
    ldrsb   product, [weight, #7]
    mla     sum_d, product, second, sum_d
    ldrb    product, [weight], #8
    mla     sum_a, product, first, sum_a
    .endm

    .macro four_columns
    two_columns
    two_columns
    .endm

    .macro last_column
    ldrsh   first, [code]
    ldrsb   product, [weight, #1]
    mla     sum_b, product, first, sum_b
    ldrb    product, [weight, #2]
    mla     sum_c, product, first, sum_c
    ldrsb   product, [weight, #3]
    mla     sum_d, product, first, sum_d
    ldrb    product, [weight], #4
    mla     sum_a, product, first, sum_a
    .endm

    .macro finish
    .endm

#endif

    .equ FOURS, 1 << FOURS_BITS /* of columns, in a pass over the loop */

    .section .text.kws_multiply_row_blocks, "ax", %progbits
    .global kws_multiply_row_blocks
    .type kws_multiply_row_blocks, %function
    .thumb_func
    .balign 4
kws_multiply_row_blocks:
    push    {r4-r11, lr}
    sub     sp, #LOCALS
    ldr     lr, [sp, #SUMS]
    str     lr, [sp, #TO]
    ldrd    r5, sum_a, [r2, #8]
    strd    r5, r3, [sp, #UNIT]
    ldrd    r4, lr, [r2] /* codes, columns */
    mul     r1, lr
    add     end, weight, r1, lsl #2
    mov     code, r4
    and     r4, lr, #3
    adr     r5, .Lleft
    ldrb    r4, [r5, r4]
    adr     r5, .Lrest + 1 /* Thumb */
    add     r4, r5, r4, lsl #1
    str     r4, [sp, #REST]
    mov     sum_c, sum_a
    begin   sum_a
    /* The first pass over the loop begins so late that the last one takes the last four columns. */
    adr     r3, .Lfours
    lsrs    r4, lr, #2
    it      eq
    adreq   r3, .Lrest
    adds    count, r4, #FOURS - 1
    lsrs    count, #FOURS_BITS
    rsbs    r4, #0
    ands    r4, #FOURS - 1
    ldrb    r5, .Lfour_columns
    mla     lr, r4, r5, r3
    orr     lr, #1
    stmia   sp, {code, count, r6-r11, lr}
.Lblock:
    ldmia   sp, {code, count, r6-r11, pc}
.Lfours:
    .rept   FOURS
    four_columns
    .endr
.Lfours_end:
    subs    count, #1
    bne     .Lfours
.Lrest:
    ldr     pc, [sp, #REST]
.Lthree:
    movs    count, #1
.Ltwo:
    two_columns
    cbz     count, .Lfinish
.Lone:
    last_column
.Lfinish:
    finish
    ldrd    code, count, [sp, #UNIT] /* and FROM */
    ldr     r11, [sp, #TO]
    ldmia   count!, {r3, r4, r5, r8}
    mla     r3, sum_a, code, r3
    mla     r4, sum_b, code, r4
    mla     r5, sum_c, code, r5
    mla     r8, sum_d, code, r8
    stmia   r11!, {r3, r4, r5, r8}
    strd    count, r11, [sp, #FROM] /* and TO */
    cmp     weight, end
    bne     .Lblock
    add     sp, #LOCALS
    pop     {r4-r11, pc}
.Lfour_columns:
    .byte   (.Lfours_end - .Lfours) / FOURS
.Lleft:
    .byte   (.Lfinish - .Lrest) / 2, (.Lone - .Lrest) / 2, (.Ltwo - .Lrest) / 2, (.Lthree - .Lrest) / 2
    .size kws_multiply_row_blocks, . - kws_multiply_row_blocks

#endif
