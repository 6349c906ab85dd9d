/* The window of window.c for Helium, with the FFT's first stage: two butterflies at once.
 *
 * A butterfly's inputs, one of each leg, are 64 pairs of samples apart; its four outputs lie side by side.  A run is 16
 * butterflies, whose inputs of one leg all lie in the history or all in the hop.  Where butterfly i leaves its outputs: 4 i,
 * its base-4 digits reversed.
 *
 * void kws_window_10ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[256])
 * void kws_window_20ms(const int16_t *history, const int16_t *pcm, struct kws_complex frame[256]) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

sample_a   .req r0 /* next pair of each leg; loads that widen need registers up to r7 */
sample_b   .req r1
sample_c   .req r2
sample_d   .req r3
factor_a   .req r4 /* next two pairs of factors of each leg; those of c and d are stored backwards */
factor_b   .req r5
factor_c   .req r6
factor_d   .req r7
history    .req r8
hop        .req r9  /* where the hop would begin if the history ended there */
heard      .req r10 /* bytes of history */
begin      .req r11 /* of the run, in a leg, in bytes */
place      .req r12

places     .req q0 /* of the outputs of two butterflies */
backwards  .req q6 /* 3, 2, 1, 0 */

    .equ COMPLEX, 8
    .equ PAIR, 4       /* two samples, or their factors */
    .equ LEG, 64       /* pairs */
    .equ RUN, 16
    .equ FACTOR, 2     /* bytes */
    .equ FACTORS_OF_C, (480 - 2 * 2 * LEG - 3) * FACTOR /* to the factors of leg c's first two pairs */
    .equ HISTORY_10MS, 2 * (480 - 160)
    .equ HISTORY_20MS, 2 * (480 - 320)
    .equ TURN, 3 * COMPLEX /* from the first to the last output */
    .equ NEXT, 128 * COMPLEX - TURN             /* from the last output of two butterflies to the first of the next two */
    .equ NEXT_FOUR, (16 - 128) * COMPLEX - TURN /* of the next four */

    .macro point_to_leg sample, leg
    add         \sample, begin, #\leg * LEG * PAIR
    cmp         \sample, heard
    ite         lo
    addlo       \sample, \sample, history
    addhs       \sample, \sample, hop
    .endm

    .macro multiply value, factors
    vmul.i32    \value, \value, \factors
    vshr.s32    \value, \value, #9
    .endm

    .macro rising value, sample, factor, temporary
    vldrh.s32   \value, [\sample], #2 * PAIR
    vldrh.u32   \temporary, [\factor], #2 * PAIR
    multiply    \value, \temporary
    .endm

    .macro falling value, sample, factor, temporary
    vldrh.s32   \value, [\sample], #2 * PAIR
    vldrh.u32   \temporary, [\factor, backwards, uxtw #1]
    subs        \factor, #2 * PAIR
    multiply    \value, \temporary
    .endm

    /* From a and c in q1 and q4, b + d in sum and b - d in q2. */
    .macro butterflies sum, next
    vadd.i32    q5, q1, q4
    vsub.i32    q1, q1, q4
    vadd.i32    q4, q5, \sum
    vsub.i32    q5, q5, \sum
    vcadd.i32   q3, q1, q2, #270
    vcadd.i32   q1, q1, q2, #90
    vstrd.64    q4, [places, #\next]!
    vstrd.64    q3, [places, #COMPLEX]
    vstrd.64    q5, [places, #2 * COMPLEX]
    vstrd.64    q1, [places, #TURN]!
    .endm

    .macro two_butterflies next
    rising      q1, sample_b, factor_b, q5
    falling     q2, sample_d, factor_d, q5
    vadd.i32    q3, q1, q2
    vsub.i32    q2, q1, q2
    rising      q1, sample_a, factor_a, q5
    falling     q4, sample_c, factor_c, q5
    butterflies q3, \next
    .endm

    /* The last run: there d is padding. */
    .macro two_padded_butterflies next
    rising      q2, sample_b, factor_b, q5
    rising      q1, sample_a, factor_a, q5
    falling     q4, sample_c, factor_c, q5
    butterflies q2, \next
    .endm

    .macro begin_run
    point_to_leg sample_a, 0
    point_to_leg sample_b, 1
    point_to_leg sample_c, 2
    add         lr, place, #64 * COMPLEX
    vmov        places[2], places[0], place, lr
    mov         lr, #RUN / 4
    dls         lr, lr
    .endm

    .section .text.kws_window, "ax", %progbits
    .global kws_window_10ms
    .type kws_window_10ms, %function
    .thumb_func
    .balign 4
kws_window_10ms:
    mov         r3, #HISTORY_10MS
    b           1f
    .size kws_window_10ms, . - kws_window_10ms

    .global kws_window_20ms
    .type kws_window_20ms, %function
    .thumb_func
kws_window_20ms:
    mov         r3, #HISTORY_20MS
1:  push        {r4-r11, lr}
    vpush       {d8-d13}
    mov         heard, r3
    mov         history, r0
    sub         hop, r1, r3
    sub         place, r2, #NEXT_FOUR
    movs        r4, #3
    vddup.u32   backwards, r4, #1
    ldr         factor_a, =kws_window
    add         factor_b, factor_a, #LEG * PAIR
    add         factor_c, factor_a, #FACTORS_OF_C
    sub         factor_d, factor_c, #LEG * PAIR
    mov         begin, #0
2:  begin_run
    point_to_leg sample_d, 3
3:  two_butterflies NEXT_FOUR
    two_butterflies NEXT
    le          lr, 3b
    add         begin, #RUN * PAIR
    add         place, #4 * COMPLEX
    cmp         begin, #3 * RUN * PAIR
    bne         2b
    begin_run
4:  two_padded_butterflies NEXT_FOUR
    two_padded_butterflies NEXT
    le          lr, 4b
    vpop        {d8-d13}
    pop         {r4-r11, pc}
    .ltorg
    .size kws_window_20ms, . - kws_window_20ms

#endif
