/* The window and the FFT's first stage of window.c for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23).
 *
 * The samples of leg l of butterfly i are at bases[l] + 4 i, in the history or in the hop; the leg in which the hop begins
 * changes its base on the way.
 *
 * void kws_window_10ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[256])
 * void kws_window_20ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[256]) */
#include "target.h"

#ifdef KWS_CORE_BASELINE
#include "registers_armv6m.h"
    .syntax unified
    .thumb

even    .req r0 /* 4 i, from a base to an even sample; butterfly i is the next */
odd     .req r1 /* 4 i + 2 */
factor  .req r2
place   .req lr /* of the four outputs */
mirror  .req r8 /* leg a's or b's factors plus leg c's or d's, which are stored backwards: the sum of their addresses */
to_b    .req r9
to_next .req r10
four_outputs .req r11 /* from the place of butterfly i to that of i + 1, if i + 1 is no multiple of 4 */
kept    .req r12

    .equ BASES, 0
    .equ HOP, 16 /* what the base changes to */
    .equ LOCALS, 20
    .equ PAIR, 8 /* bytes of a complex value */
    .equ LEG, 64 /* butterflies */
    .equ FACTORS, 4 /* bytes of a pair */
    .equ LEG_FACTORS, LEG * FACTORS
    .equ MIRROR, 480 * FACTORS / 2 - 2 * LEG_FACTORS - 2 /* from leg a's first factor to leg c's, of an odd sample */

    /* r3, r4 = a pair of windowed samples, Q24.7, while `depth` bytes are on the stack. */
    .macro windowed leg, depth
    ldr     r5, [sp, #BASES + 4 * \leg + \depth]
    ldrsh   r6, [r5, even]
    ldrsh   r5, [r5, odd]
    .if     \leg < 2
    ldrh    r3, [factor]
    ldrh    r4, [factor, #2]
    .else
    mov     r4, mirror
    subs    r4, r4, factor
    ldrh    r3, [r4, #2]
    ldrh    r4, [r4]
    .endif
    muls    r3, r6
    muls    r4, r5
    asrs    r3, #9
    asrs    r4, #9
    .endm

    /* r7, r3 = pushed pair + r3, r4;  r5, r6 = pushed pair - r3, r4. */
    .macro sum_and_difference
    pop     {r5, r6}
    adds    r7, r5, r3
    subs    r5, r5, r3
    adds    r3, r6, r4
    subs    r6, r6, r4
    .endm

    /* Pushes a + c and a - c, and leaves b. */
    .macro legs_a_c_b
    windowed 0, 0
    push    {r3, r4}
    windowed 2, 8
    add     factor, to_b
    sum_and_difference
    push    {r3, r5, r6, r7}
    windowed 1, 16
    .endm

    /* The outputs, from b + d and b - d; then the next butterfly. */
    .macro store sum_re, sum_im, difference_re, difference_im
    mov     kept, factor
    mov     r2, place
    ldr     r4, [sp, #12]
    adds    r1, r4, \sum_re
    subs    r4, r4, \sum_re
    str     r1, [r2]
    str     r4, [r2, #2 * PAIR]
    ldr     r4, [sp]
    adds    r1, r4, \sum_im
    subs    r4, r4, \sum_im
    str     r1, [r2, #4]
    str     r4, [r2, #2 * PAIR + 4]
    ldr     r4, [sp, #4]
    adds    r1, r4, \difference_im
    subs    r4, r4, \difference_im
    str     r1, [r2, #PAIR]
    str     r4, [r2, #3 * PAIR]
    ldr     r4, [sp, #8]
    subs    r1, r4, \difference_re
    adds    r4, r4, \difference_re
    str     r1, [r2, #PAIR + 4]
    str     r4, [r2, #3 * PAIR + 4]
    add     sp, #16
    add     place, four_outputs
    mov     factor, kept
    adds    even, #4
    adds    odd, even, #2
    .endm

    .macro constant register, value
    ldr     r3, =\value
    mov     \register, r3
    .endm

    /* Goes on at `next` until butterfly i + 1 is a multiple of 4; the places of fours are 16 values apart. */
    .macro until_four next
    lsls    r3, even, #28
    bne     \next
    ldr     r3, =(16 - 4 * LEG) * PAIR
    add     place, r3
    .endm

    /* heard: pairs of samples in the history. */
    .macro window name, heard
    .section .text.\name, "ax", %progbits
    .global \name
    .type \name, %function
    .thumb_func
    .balign 4
\name:
    push_registers
    sub     sp, #LOCALS
    mov     place, r2
    ldr     r3, =4 * LEG
    ldr     r4, =4 * \heard
    subs    r1, r4
    .irp    leg, 0, 1, 2, 3
    .if     \leg > \heard / LEG
    str     r1, [sp, #BASES + 4 * \leg]
    .else
    str     r0, [sp, #BASES + 4 * \leg]
    str     r1, [sp, #HOP]
    .endif
    adds    r0, r0, r3
    adds    r1, r1, r3
    .endr
    constant to_b, LEG_FACTORS
    constant to_next, FACTORS - LEG_FACTORS
    constant four_outputs, LEG * PAIR
    ldr     factor, =kws_window
    ldr     r3, =MIRROR
    adds    r3, r3, factor
    add     r3, factor
    mov     mirror, r3
    movs    even, #0
    movs    odd, #2
1:  legs_a_c_b
    push    {r3, r4}
    windowed 3, 24
    add     factor, to_next
    sum_and_difference
    store   r7, r3, r5, r6
    until_four 1b
    lsls    r3, even, #26
    bne     1b
    ldr     r3, =(4 - LEG) * PAIR /* the places of sixteens are 4 values apart */
    add     place, r3
    cmp     even, #4 * (\heard % LEG)
    bne     2f
    ldr     r3, [sp, #HOP]
    str     r3, [sp, #BASES + 4 * (\heard / LEG)]
2:  cmp     even, #4 * 48
    bne     1b
    /* The last leg of the last sixteen butterflies is padding. */
3:  legs_a_c_b
    subs    factor, #LEG_FACTORS - FACTORS
    movs    r6, r4
    store   r3, r6, r3, r6
    until_four 3b
    lsls    r3, even, #24
    bne     3b
    add     sp, #LOCALS
    pop_registers_and_return

    .ltorg
    .size \name, . - \name
    .endm

    window kws_window_10ms, 160
    window kws_window_20ms, 80

#endif
