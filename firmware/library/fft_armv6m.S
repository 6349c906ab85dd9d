/* The FFT of fft.c for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23), butterfly by butterfly the same bits: kws_fft.
 *
 * A rotation takes seven of the eight low registers, so `place` is the only pointer among them; the first rotated values
 * wait in the high registers.  A product floors(value * factor / 2^18) as kws_multiply_half does, in two parts.  At 45
 * degrees the factors are equal and two products suffice; at 90 degrees they are 0 and 1 - 2^-17, and a shift suffices.
 *
 * void kws_fft(struct kws_complex values[256]) */
#include "target.h"

#ifdef KWS_CORE_BASELINE
#include "registers_armv6m.h"

    .syntax unified
    .thumb

place   .req r7
b_re    .req r8
b_im    .req r9
c_re    .req r10 /* doubled, unless the outputs are halved */
c_im    .req r11

    .equ COMPLEX, 8 /* bytes of a value or a factor */
    .equ ROTATION, 3 * COMPLEX
    .equ POINTS, 256
    .equ QUARTER, COMPLEX * POINTS / 4 /* bytes between the places of a last butterfly */
    .equ SPREAD, 16 /* bytes of a factor on the stack: cos, cos, cos, sin */
    .equ VALUES, 3 * SPREAD
    .equ FACTORS, VALUES + 4
    .equ LOCALS, VALUES + 8

    /* r2 + j r3 = half of (r0 + j r1) * (cos - j sin); r2, r3 and r4 are cos, r5 is sin. */
    .macro rotate
    lsls    r6, r0, #18
    lsrs    r6, #18
    asrs    r0, #14
    muls    r2, r0
    muls    r3, r6
    asrs    r3, #14
    adds    r2, r3
    asrs    r2, #4 /* re * cos */
    muls    r0, r5
    muls    r6, r5
    asrs    r6, #14
    adds    r0, r6
    asrs    r0, #4 /* re * sin */
    lsls    r6, r1, #18
    lsrs    r6, #18
    asrs    r1, #14
    movs    r3, r6
    muls    r3, r4
    asrs    r3, #14
    muls    r4, r1
    adds    r3, r4
    asrs    r3, #4 /* im * cos */
    subs    r3, r0
    muls    r1, r5
    muls    r6, r5
    asrs    r6, #14
    adds    r1, r6
    asrs    r1, #4 /* im * sin */
    adds    r2, r1
    .endm

    /* As rotate, with a factor on the stack. */
    .macro turn_any factor
    add     r2, sp, #\factor
    ldmia   r2, {r2-r5}
    rotate
    .endm

    .macro turn_45 factor
    ldr     r5, [sp, #\factor]
    lsls    r6, r0, #18
    lsrs    r6, #18
    asrs    r0, #14
    muls    r0, r5
    muls    r6, r5
    asrs    r6, #14
    adds    r0, r6
    asrs    r0, #4
    lsls    r6, r1, #18
    lsrs    r6, #18
    asrs    r1, #14
    muls    r1, r5
    muls    r6, r5
    asrs    r6, #14
    adds    r1, r6
    asrs    r1, #4
    adds    r2, r0, r1
    subs    r3, r1, r0
    .endm

    /* floor(x (2^17 - 1) / 2^18) = (x + floor(-x / 2^17)) >> 1. */
    .macro turn_90 factor
    rsbs    r2, r1, #0
    asrs    r2, #17
    adds    r2, r1
    asrs    r2, #1
    rsbs    r3, r0, #0
    asrs    r3, #17
    adds    r3, r0
    asrs    r3, #1
    rsbs    r3, r3, #0
    .endm

    /* As rotate, with a factor of the table: lr points to b's, then to d's, which is before c's. */
    .macro turn_next factor
    mov     r2, lr
    .if \factor == 2 * SPREAD
    adds    r2, #COMPLEX
    .endif
    ldmia   r2!, {r4, r5}
    .if \factor == SPREAD
    adds    r2, #COMPLEX
    .endif
    .if \factor != 2 * SPREAD
    mov     lr, r2
    .endif
    movs    r2, r4
    movs    r3, r4
    rotate
    .endm

    /* Moves from the end of one value of a butterfly to the next value, and from the end of d back to a. */
    .macro onward span
    .if \span < POINTS / 4
    adds    place, #COMPLEX * (\span - 1)
    .else
    add     place, r12 /* QUARTER - COMPLEX */
    .endif
    .endm

    .macro back span
    .if \span == 4
    subs    place, #COMPLEX * (3 * \span + 1)
    .elseif \span == 16
    add     place, r12 /* -COMPLEX * (3 * 16 + 1) */
    .else
    ldr     r4, =COMPLEX * (3 * \span + 1)
    subs    place, r4
    .endif
    .endm

    /* Stores the outputs of the butterfly at place, from r0 + j r1 = b - d, r2 + j r3 = b + d, and c; leaves place after
     * d. */
    .macro combine span, halve
    ldr     r4, [place]
    .if \halve
    asrs    r4, #1
    .endif
    mov     r5, c_re
    subs    r5, r4, r5
    add     r4, c_re
    adds    r6, r4, r2
    subs    r4, r4, r2
    adds    r2, r5, r1
    subs    r1, r5, r1
    str     r6, [place]
    ldr     r6, [place, #4]
    .if \halve
    asrs    r6, #1
    .endif
    mov     r5, c_im
    subs    r5, r6, r5
    add     r6, c_im
    mov     b_re, r6
    subs    r6, r6, r3
    add     r3, b_re
    str     r3, [place, #4]
    subs    r3, r5, r0
    adds    r5, r5, r0
    onward  \span
    adds    place, #COMPLEX
    stmia   place!, {r2, r3}
    onward  \span
    stmia   place!, {r4, r6}
    onward  \span
    stmia   place!, {r1, r5}
    .endm

    /* The butterfly whose second value is at place. */
    .macro butterfly span, turn_b, turn_c, turn_d, halve=0
    ldmia   place!, {r0, r1}
    onward  \span
    \turn_b 0
    mov     b_re, r2
    mov     b_im, r3
    ldmia   place!, {r0, r1}
    onward  \span
    \turn_c 2 * SPREAD
    .if !\halve
    lsls    r2, #1
    lsls    r3, #1
    .endif
    mov     c_re, r2
    mov     c_im, r3
    ldmia   place!, {r0, r1}
    \turn_d SPREAD
    back    \span
    mov     r0, b_re
    subs    r0, r0, r2
    add     r2, b_re
    mov     r1, b_im
    subs    r1, r1, r3
    add     r3, b_im
    .if !\halve
    lsls    r0, #1
    lsls    r1, #1
    lsls    r2, #1
    lsls    r3, #1
    .endif
    combine \span, \halve
    .endm

    /* The same with factors of 1; nothing is halved. */
    .macro plain_butterfly span
    ldmia   place!, {r0, r1}
    onward  \span
    ldmia   place!, {r2, r3}
    onward  \span
    mov     c_re, r2
    mov     c_im, r3
    ldmia   place!, {r4, r5}
    adds    r2, r0, r4
    subs    r0, r0, r4
    adds    r3, r1, r5
    subs    r1, r1, r5
    back    \span
    combine \span, 0
    .endm

    /* All butterflies of a stage that share one set of factors; r0 is the first place of the first one. */
    .macro butterflies span, kind:vararg
    adds    r0, #COMPLEX * \span
    mov     place, r0
    ldr     r1, =COMPLEX * POINTS
    adds    r1, r0
    mov     lr, r1
1:  \kind
    adds    place, #COMPLEX * (2 * \span - 1)
    cmp     place, lr
    beq     2f
    b       1b
    .ltorg
2:
    .endm

    .section .text.kws_fft, "ax", %progbits
    .global kws_fft
    .type kws_fft, %function
    .thumb_func
    .balign 4
kws_fft:
    push_registers
    sub     sp, #LOCALS
    str     r0, [sp, #VALUES]

    butterflies 4, plain_butterfly 4
    ldr     r0, =kws_rotations + POINTS / 16 * ROTATION
    bl      spread
    ldr     r0, [sp, #VALUES]
    adds    r0, #COMPLEX
    butterflies 4, butterfly 4, turn_any, turn_45, turn_any
    ldr     r0, =kws_rotations + 2 * POINTS / 16 * ROTATION
    bl      spread
    ldr     r0, [sp, #VALUES]
    adds    r0, #2 * COMPLEX
    butterflies 4, butterfly 4, turn_45, turn_90, turn_any
    ldr     r0, =kws_rotations + 3 * POINTS / 16 * ROTATION
    bl      spread
    ldr     r0, [sp, #VALUES]
    adds    r0, #3 * COMPLEX
    butterflies 4, butterfly 4, turn_any, turn_any, turn_any

    ldr     r0, =-COMPLEX * (3 * 16 + 1)
    mov     r12, r0
    ldr     r0, [sp, #VALUES]
    butterflies 16, plain_butterfly 16
    ldr     r0, =kws_rotations
3:  adds    r0, #POINTS / 64 * ROTATION
    str     r0, [sp, #FACTORS]
    bl      spread
    ldr     r0, [sp, #VALUES]
    adds    r0, #COMPLEX
    str     r0, [sp, #VALUES]
    butterflies 16, butterfly 16, turn_any, turn_any, turn_any
    ldr     r0, [sp, #FACTORS]
    ldr     r1, =kws_rotations + 15 * POINTS / 64 * ROTATION
    cmp     r0, r1
    beq     4f
    b       3b

4:  ldr     r0, =QUARTER - COMPLEX
    mov     r12, r0
    ldr     r0, =kws_rotations + ROTATION
    mov     lr, r0
    ldr     r0, [sp, #VALUES]
    subs    r0, #15 * COMPLEX
    str     r0, [sp, #VALUES]
    mov     place, r0
    onward  64
    adds    place, #COMPLEX
    plain_butterfly 64
    ldr     place, [sp, #VALUES]
    movs    r2, #4
5:  ldr     r0, [place]
    ldr     r1, [place, #4]
    asrs    r0, #1
    asrs    r1, #1
    stmia   place!, {r0, r1}
    onward  64
    subs    r2, #1
    bne     5b
    ldr     place, [sp, #VALUES]
    adds    place, #COMPLEX
    onward  64
    adds    place, #COMPLEX
6:  butterfly 64, turn_next, turn_next, turn_next, 1
    ldr     r0, =2 * QUARTER
    subs    place, r0
    ldr     r0, =kws_rotations + POINTS / 4 * ROTATION
    cmp     lr, r0
    beq     7f
    b       6b

7:  add     sp, #LOCALS
    pop_registers_and_return

    .ltorg
    .size kws_fft, . - kws_fft

    /* Puts the three factors at r0 (of b, d and c) on the caller's stack. */
    .type spread, %function
    .thumb_func
spread:
    mov     r1, sp
    .rept 3
    ldmia   r0!, {r4, r5}
    movs    r2, r4
    movs    r3, r4
    stmia   r1!, {r2-r5}
    .endr
    bx      lr
    .size spread, . - spread

#endif
