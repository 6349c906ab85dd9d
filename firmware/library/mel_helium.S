/* The mel bands of mel.c for Helium: up to four bins of a segment at once.
 *
 * A segment is read once: its power rises into one band and falls, by the rest of each factor, into the band before.  The
 * sums of a band take four registers, 64 bits for either part of a power (KWS_LOW_BITS); the two bands take turns.  Energies
 * go to kws_log_codes sixteen at a time.
 *
 * void kws_mel_features(const struct kws_features *features, const struct kws_complex powers[256], int16_t *codes) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

power    .req r0 /* of the segment's first bin */
rise     .req r1
count    .req r2 /* place of the segment's number of bins */
energy   .req r3 /* place of the band's energy */
bins     .req r12
end      .req lr /* of the energies */

high     .req q0 /* of four powers */
low      .req q1
rising   .req q2 /* factors, UQ0.16 */
falling  .req q3
at_high  .req q4 /* where the parts of four powers are */
at_low   .req q5
one      .req q6 /* 2^16 */

    .equ COMPLEX, 8
    .equ FOUR_COMPLEX, 32
    .equ FOUR_RISES, 8
    .equ RISES, 0 /* in struct kws_features: two addresses and a byte */
    .equ BANDS, 16
    .equ ENERGY, 8
    .equ MOST, 16 /* energies at a time */
    .equ POWER, MOST * ENERGY /* and rise */
    .equ COUNT, POWER + 8
    .equ CODE, COUNT + 4 /* place of the next code */
    .equ LEFT, CODE + 4  /* bands */
    .equ LOCALS, LEFT + 4

    /* The next four bins of the segment, or what is left of it; the lanes beyond are 0. */
    .macro weigh a, b, c, d, e, f, g, h, accumulate
    vctp.32     bins
    vpsttt
    vldrwt.u32  high, [power, at_high]
    vldrwt.u32  low, [power, at_low]
    vldrht.u32  rising, [rise]
    vsub.i32    falling, one, rising
    vmlaldava.u32 \a, \b, high, falling
    vmlaldava.u32 \c, \d, low, falling
    vmlaldav\accumulate\().u32 \e, \f, high, rising
    vmlaldav\accumulate\().u32 \g, \h, low, rising
    .endm

    /* Adds what falls in a segment to the band in a b (high) and c d (low), and begins the band in e f and g h with what
     * rises. */
    .macro segment a, b, c, d, e, f, g, h
    ldrb        bins, [count], #1
    weigh       \a, \b, \c, \d, \e, \f, \g, \h
1:  cmp         bins, #4
    bls         2f
    adds        power, #FOUR_COMPLEX
    adds        rise, #FOUR_RISES
    subs        bins, #4
    weigh       \a, \b, \c, \d, \e, \f, \g, \h, a
    b           1b
2:  add         power, power, bins, lsl #3
    add         rise, rise, bins, lsl #1
    .endm

    /* high * 2^18 + low, UQ47.16 by Parseval, without its fraction. */
    .macro keep a, b, c, d
    lsll        \a, \b, #2
    lsrl        \c, \d, #16
    adds        \a, \c
    adc         \b, \b, \d
    strd        \a, \b, [energy], #ENERGY
    .endm

    .section .text.kws_mel_features, "ax", %progbits
    .global kws_mel_features
    .type kws_mel_features, %function
    .thumb_func
    .balign 4
kws_mel_features:
    push        {r4-r11, lr}
    vpush       {d8-d13}
    sub         sp, #LOCALS
    ldrb        r3, [r0, #BANDS]
    strd        r2, r3, [sp, #CODE]
    movs        r4, #0
    movs        r6, #COMPLEX / 2
    mov         r8, #1 << 16
    vidup.u32   at_high, r4, #COMPLEX
    vidup.u32   at_low, r6, #COMPLEX
    vdup.32     one, r8
    ldrd        r3, count, [r0, #RISES]
    mov         power, r1 /* of bin 0, on the lower edge of the first band: its rise is 0 */
    mov         rise, r3
    segment     r8, r9, r10, r11, r4, r5, r6, r7 /* what falls there belongs to no band */
    ldr         r12, [sp, #LEFT]
3:  cmp         r12, #MOST
    it          hi
    movhi       r12, #MOST
    mov         energy, sp
    add         end, energy, r12, lsl #3
4:  segment     r4, r5, r6, r7, r8, r9, r10, r11
    keep        r4, r5, r6, r7
    cmp         energy, end
    beq         5f
    segment     r8, r9, r10, r11, r4, r5, r6, r7
    keep        r8, r9, r10, r11
    cmp         energy, end
    bne         4b
5:  strd        power, rise, [sp, #POWER]
    str         count, [sp, #COUNT]
    mov         r0, sp
    sub         r1, energy, r0
    lsrs        r1, #3
    ldrd        r2, r3, [sp, #CODE]
    add         r12, r2, r1, lsl #1
    subs        r3, r1
    strd        r12, r3, [sp, #CODE]
    bl          kws_log_codes
    ldrd        power, rise, [sp, #POWER]
    ldr         count, [sp, #COUNT]
    ldr         r12, [sp, #LEFT]
    cmp         r12, #0
    bne         3b
    add         sp, #LOCALS
    vpop        {d8-d13}
    pop         {r4-r11, pc}
    .size kws_mel_features, . - kws_mel_features

#endif
