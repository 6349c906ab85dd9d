/* The power of power.c for Helium: four bins at once, real and imaginary parts in vectors of their own.
 *
 * void kws_power_spectrum(struct kws_complex values[256])
 * void kws_power_spectrum_wide(struct kws_complex values[256]) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

low        .req r0 /* of the next four bins */
twiddles   .req r1
mirrored   .req r2 /* of the first mirror image */
four       .req r3

even_re    .req q0
even_im    .req q1
odd_im     .req q3
w_re       .req q4
w_im       .req q5
odd_re     .req q6
mirrors    .req q7 /* where the mirror images of four bins are */

    .equ COMPLEX, 8
    .equ FOUR_COMPLEX, 4 * COMPLEX
    .equ COUNT, 256 /* values */
    .equ LOCALS, 4 * 16

    /* Turns odd by w (kws_rotate_half), adds four times that to even, and squares the sum: q0 and q1 are the two parts of the
     * power.  VHADD keeps the carry of the products' lower words: it is the sum's 33rd bit. */
    .macro square_turned
    vmulh.s32   q2, odd_re, w_re
    vmulh.s32   q4, odd_im, w_re
    vmulh.s32   q3, odd_im, w_im
    vmulh.s32   q5, odd_re, w_im
    vadd.i32    q2, q2, q3
    vsub.i32    q4, q4, q5
    vmla.s32    even_re, q2, four
    vmla.s32    even_im, q4, four
    vmul.i32    q2, q0, q0
    vmul.i32    q3, q1, q1
    vhadd.u32   q2, q2, q3
    vmulh.s32   q0, q0, q0
    vmulh.s32   q1, q1, q1
    vadd.i32    q0, q0, q1
    vshr.u32    q3, q2, #31
    vadd.i32    q0, q0, q3
    vshl.i32    q2, q2, #1
    vshr.u32    q1, q2, #14
    .endm

    .macro power_spectrum wide
    vpush       {d8-d15}
    .if \wide
    sub         sp, #LOCALS
    .endif
    ldr         twiddles, =kws_twiddles + COMPLEX
    add         mirrored, low, #COUNT * COMPLEX + FOUR_COMPLEX - COMPLEX
    vddup.u32   mirrors, mirrored, #COMPLEX
    adds        low, #COMPLEX
    movs        four, #4
    mov         r12, #COUNT / 2 / 4
    dls         lr, r12
1:  vld20.32    {q0, q1}, [low]
    vld21.32    {q0, q1}, [low]
    vldrw.u32   q2, [mirrors, #-FOUR_COMPLEX]!
    vldrw.u32   q3, [mirrors, #4]
    vshr.s32    odd_re, q1, #1
    vshr.s32    q4, q3, #1
    vadd.i32    odd_re, odd_re, q4
    vsub.i32    even_im, q1, q3
    vshr.s32    odd_im, q2, #1
    vshr.s32    q4, q0, #1
    vsub.i32    odd_im, odd_im, q4
    vadd.i32    even_re, q0, q2
    .if \wide
    vstrw.32    even_re, [sp]
    vstrw.32    even_im, [sp, #16]
    vstrw.32    odd_re, [sp, #32]
    vstrw.32    odd_im, [sp, #48]
    .endif
    vld20.32    {q4, q5}, [twiddles]
    vld21.32    {q4, q5}, [twiddles]!
    square_turned
    vst20.32    {q0, q1}, [low]
    vst21.32    {q0, q1}, [low]!
    .if \wide /* with bin and image exchanged: -even_im, -odd_im and -w_re */
    sub         r12, twiddles, #FOUR_COMPLEX
    vld20.32    {q4, q5}, [r12]
    vld21.32    {q4, q5}, [r12]
    vldrw.u32   even_re, [sp]
    vldrw.u32   even_im, [sp, #16]
    vldrw.u32   odd_re, [sp, #32]
    vldrw.u32   odd_im, [sp, #48]
    vneg.s32    even_im, even_im
    vneg.s32    odd_im, odd_im
    vneg.s32    w_re, w_re
    square_turned
    vstrw.32    q0, [mirrors]
    vstrw.32    q1, [mirrors, #4]
    .endif
    le          lr, 1b
    .if \wide
    add         sp, #LOCALS
    .endif
    vpop        {d8-d15}
    pop         {pc}
    .ltorg
    .endm

    .section .text.kws_power_spectrum, "ax", %progbits
    .global kws_power_spectrum
    .type kws_power_spectrum, %function
    .thumb_func
    .balign 4
kws_power_spectrum:
    push        {lr}
    power_spectrum 0
    .size kws_power_spectrum, . - kws_power_spectrum

    .section .text.kws_power_spectrum_wide, "ax", %progbits
    .global kws_power_spectrum_wide
    .type kws_power_spectrum_wide, %function
    .thumb_func
    .balign 4
kws_power_spectrum_wide:
    push        {lr}
    power_spectrum 1
    .size kws_power_spectrum_wide, . - kws_power_spectrum_wide

#endif
