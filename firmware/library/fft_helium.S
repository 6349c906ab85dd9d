/* The FFT of fft.c for Helium: two butterflies at once.
 *
 * Two complex values are four lanes {re, im, re, im}.  VMULH floors as kws_multiply_half does, and VCADD adds j or -j times a
 * value, so the bits are those of fft.c.  The inputs of a butterfly are a, b, c and d, span values apart; its outputs replace
 * them.
 *
 * void kws_fft(struct kws_complex values[256]) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

values     .req r0
place_a    .req r0
place_b    .req r1
place_c    .req r2
place_d    .req r3
rotations  .req r4
second     .req r5 /* of two places or two rotations */
left       .req r6
cos        .req r8
sin        .req r9

places     .req q0 /* of two values or two rotations */
difference .req q3 /* b - d */
sum        .req q4 /* b + d */
out_a      .req q2
out_b      .req q4
out_c      .req q5
out_d      .req q1

    .equ COMPLEX, 8
    .equ TWO_COMPLEX, 2 * COMPLEX
    .equ ROTATION, 3 * COMPLEX /* the factors of b, d and c: cos and sin */
    .equ COUNT, 256            /* values */
    .equ LOCALS, 4 * 16

    /* turned = half of value * (cos - j sin); factor is the cos, and sin_at is where the sin is. */
    .macro rotate turned, value, factor, sin_at:vararg
    vmulh.s32   \turned, \value, \factor
    vldrw.u32   \factor, [\sin_at]
    vmulh.s32   \factor, \value, \factor
    vcadd.i32   \turned, \turned, \factor, #270
    .endm

    /* From q2 and q3 = b and d. */
    .macro sum_and_difference
    vadd.i32    sum, q2, q3
    vsub.i32    difference, q2, q3
    .endm

    /* From q1 and q2 = a and c, sum and difference. */
    .macro outputs
    vadd.i32    q5, q1, q2
    vsub.i32    q1, q1, q2
    vadd.i32    out_a, q5, sum
    vsub.i32    out_c, q5, sum
    vcadd.i32   out_b, q1, difference, #270
    vcadd.i32   out_d, q1, difference, #90
    .endm

    /* A butterfly in each of two neighbouring groups of 16 values.  places are those of b in the two groups before. */
    .macro load_two_groups_b value
    vldrd.u64   \value, [places, #32 * COMPLEX]!
    .endm

    .macro store_two_groups
    vstrd.64    out_a, [places, #-4 * COMPLEX]
    vstrd.64    out_b, [places]
    vstrd.64    out_c, [places, #4 * COMPLEX]
    vstrd.64    out_d, [places, #8 * COMPLEX]
    .endm

    .macro store_two_neighbours
    vstrw.32    out_a, [place_a], #TWO_COMPLEX
    vstrw.32    out_b, [place_b], #TWO_COMPLEX
    vstrw.32    out_c, [place_c], #TWO_COMPLEX
    vstrw.32    out_d, [place_d], #TWO_COMPLEX
    .endm

    /* b, c or d of butterflies 0 and 1, of which only the second is rotated. */
    .macro rotate_second value, turned, factor, sin_at:vararg
    rotate      \turned, \value, \factor, \sin_at
    vpst
    vshlt.s32   \value, \turned, #1
    .endm

    .macro point_to_two first
    vmov        places[2], places[0], \first, second
    vmov        places[3], places[1], \first, second
    .endm

    .section .text.kws_fft, "ax", %progbits
    .global kws_fft
    .type kws_fft, %function
    .thumb_func
    .balign 4
kws_fft:
    push        {r4-r9, lr}
    vpush       {d8-d15}
    sub         sp, #LOCALS
    ldr         rotations, =kws_rotations

    /* Span 4.  Butterfly 0 of all groups, which rotates nothing, then 1, 2 and 3. */
    sub         r1, values, #(32 - 4) * COMPLEX
    add         second, r1, #16 * COMPLEX
    point_to_two r1
    mov         r12, #COUNT / 32
    dls         lr, r12
1:  load_two_groups_b q2
    vldrd.u64   q3, [places, #8 * COMPLEX]
    sum_and_difference
    vldrd.u64   q2, [places, #4 * COMPLEX]
    vldrd.u64   q1, [places, #-4 * COMPLEX]
    outputs
    store_two_groups
    le          lr, 1b
    movs        left, #3
2:  ldrd        cos, sin, [rotations, #16 * ROTATION]!
    vdup.32     q6, cos
    vdup.32     q7, sin
    ldrd        cos, sin, [rotations, #COMPLEX]
    vdup.32     q1, cos
    vdup.32     q2, sin
    vstrw.32    q1, [sp]
    vstrw.32    q2, [sp, #16]
    ldrd        cos, sin, [rotations, #2 * COMPLEX]
    vdup.32     q1, cos
    vdup.32     q2, sin
    vstrw.32    q1, [sp, #32]
    vstrw.32    q2, [sp, #48]
    adds        r1, #COMPLEX
    adds        second, #COMPLEX
    point_to_two r1
    mov         r12, #COUNT / 32
    dls         lr, r12
3:  load_two_groups_b q1
    vmulh.s32   q2, q1, q6
    vmulh.s32   q3, q1, q7
    vcadd.i32   q2, q2, q3, #270
    vldrd.u64   q1, [places, #8 * COMPLEX]
    vldrw.u32   q5, [sp]
    rotate      q3, q1, q5, sp, #16
    sum_and_difference
    vldrd.u64   q1, [places, #4 * COMPLEX]
    vldrw.u32   q5, [sp, #32]
    rotate      q2, q1, q5, sp, #48
    vldrd.u64   q1, [places, #-4 * COMPLEX]
    vshl.i32    sum, sum, #1
    vshl.i32    difference, difference, #1
    vshl.i32    q2, q2, #1
    outputs
    store_two_groups
    le          lr, 3b
    subs        left, #1
    bne         2b

    /* Span 16, in 4 groups: butterflies 0 and 1, of which the first rotates nothing, then seven pairs. */
    .equ STEP, 4 * ROTATION
    sub         rotations, #(48 + 8) * ROTATION
    add         second, rotations, #STEP
    add         place_b, values, #16 * COMPLEX
    add         place_c, values, #32 * COMPLEX
    add         place_d, values, #48 * COMPLEX
    movw        r12, #0xff00 /* the second pair of lanes */
    vmsr        p0, r12
    movs        left, #4
4:  point_to_two rotations
    vldrw.u32   q1, [place_b]
    vldrw.u32   q5, [places, #2 * STEP]!
    rotate_second q1, q4, q5, places, #4
    vldrw.u32   q2, [place_d]
    vldrw.u32   q5, [places, #8]
    rotate_second q2, q4, q5, places, #12
    vadd.i32    sum, q1, q2
    vsub.i32    difference, q1, q2
    vldrw.u32   q2, [place_c]
    vldrw.u32   q5, [places, #16]
    rotate_second q2, q1, q5, places, #20
    vldrw.u32   q1, [place_a]
    outputs
    store_two_neighbours
    mov         r12, #7
    dls         lr, r12
5:  vldrw.u32   q1, [place_b]
    vldrw.u32   q5, [places, #2 * STEP]!
    rotate      q2, q1, q5, places, #4
    vldrw.u32   q1, [place_d]
    vldrw.u32   q5, [places, #8]
    rotate      q3, q1, q5, places, #12
    sum_and_difference
    vldrw.u32   q1, [place_c]
    vldrw.u32   q5, [places, #16]
    rotate      q2, q1, q5, places, #20
    vldrw.u32   q1, [place_a]
    vshl.i32    sum, sum, #1
    vshl.i32    difference, difference, #1
    vshl.i32    q2, q2, #1
    outputs
    store_two_neighbours
    le          lr, 5b
    add         place_a, #48 * COMPLEX
    add         place_b, #48 * COMPLEX
    add         place_c, #48 * COMPLEX
    add         place_d, #48 * COMPLEX
    subs        left, #1
    bne         4b

    /* Span 64; the outputs are halved.  Those of butterfly 0 are halved last, and replace what the loop makes of it. */
    sub         place_a, #256 * COMPLEX
    add         place_b, place_a, #64 * COMPLEX
    add         place_c, place_a, #128 * COMPLEX
    add         place_d, place_a, #192 * COMPLEX
    vldrw.u32   q2, [place_b]
    vldrw.u32   q3, [place_d]
    sum_and_difference
    vldrw.u32   q2, [place_c]
    vldrw.u32   q1, [place_a]
    outputs
    vshr.s32    out_a, out_a, #1
    vshr.s32    out_b, out_b, #1
    vshr.s32    out_c, out_c, #1
    vshr.s32    out_d, out_d, #1
    vstrw.32    out_a, [sp]
    vstrw.32    out_b, [sp, #16]
    vstrw.32    out_c, [sp, #32]
    vstrw.32    out_d, [sp, #48]
    add         rotations, #(8 - 2) * ROTATION
    add         second, rotations, #ROTATION
    point_to_two rotations
    mov         r12, #32
    dls         lr, r12
6:  vldrw.u32   q1, [place_b]
    vldrw.u32   q5, [places, #2 * ROTATION]!
    rotate      q2, q1, q5, places, #4
    vldrw.u32   q1, [place_d]
    vldrw.u32   q5, [places, #8]
    rotate      q3, q1, q5, places, #12
    sum_and_difference
    vldrw.u32   q1, [place_c]
    vldrw.u32   q5, [places, #16]
    rotate      q2, q1, q5, places, #20
    vldrw.u32   q1, [place_a]
    vshr.s32    q1, q1, #1
    outputs
    store_two_neighbours
    le          lr, 6b
    ldrd        r8, r9, [sp]
    strd        r8, r9, [place_a, #-64 * COMPLEX]
    ldrd        r8, r9, [sp, #16]
    strd        r8, r9, [place_b, #-64 * COMPLEX]
    ldrd        r8, r9, [sp, #32]
    strd        r8, r9, [place_c, #-64 * COMPLEX]
    ldrd        r8, r9, [sp, #48]
    strd        r8, r9, [place_d, #-64 * COMPLEX]
    add         sp, #LOCALS
    vpop        {d8-d15}
    pop         {r4-r9, pc}
    .ltorg
    .size kws_fft, . - kws_fft

#endif
