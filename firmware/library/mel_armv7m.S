/* The mel bands of mel.c for ARMv7-M and ARMv8-M Mainline without Helium (M3, M4, M7, M33).
 *
 * The sums of a segment are those of kws_gather in frontend_kernels.h; its first bin begins them, the others are added.
 *
 * void kws_mel_features(const struct kws_features *features, const struct kws_complex powers[256], int16_t *codes) */
#include "target.h"

#if defined(KWS_CORE_MAINLINE) && !defined(KWS_CORE_HELIUM)

    .syntax unified
    .thumb

p_high  .req r0 /* the two parts of a power */
p_low   .req r1
energy  .req r0 /* what falls in this segment and rose in the one before, UQ47.16 */
energy_high .req r1
factor  .req r2
end     .req r3 /* the value of rise at the end of a segment */
rise    .req r4
power   .req r5
count   .req r6 /* place of the next segment's */
code    .req r7
high    .req r8 /* sum(power) of a segment, in two parts */
low     .req r9
r_high  .req r10 /* sum(rise * high) */
r_high_high .req r11
rising  .req r12 /* sum(rise * low), then sum(rise * power) */
rising_high .req lr

    .equ LOW_BITS, 18 /* KWS_LOW_BITS */
    .equ COMPLEX, 8
    .equ RISES, 0 /* in struct kws_features: two addresses and a byte */
    .equ BANDS, 16
    .equ BEFORE, 0 /* sum(rise * power) of the segment before */
    .equ END, 8 /* of the codes */
    .equ LOCALS, 12

    .macro load_bin high, low
    ldrd    \high, \low, [power], #COMPLEX
    ldrh    factor, [rise], #2
    .endm

    .macro finish_rising
    lsl     r_high_high, r_high_high, #LOW_BITS
    orr     r_high_high, r_high_high, r_high, lsr #32 - LOW_BITS
    adds    rising, rising, r_high, lsl #LOW_BITS
    adc     rising_high, rising_high, r_high_high
    .endm

    .section .text.kws_mel_features, "ax", %progbits
    .global kws_mel_features
    .type kws_mel_features, %function
    .thumb_func
    .balign 4
kws_mel_features:
    push    {r4-r11, lr}
    sub     sp, #LOCALS
    mov     code, r2
    ldrb    r2, [r0, #BANDS]
    add     r2, code, r2, lsl #1
    str     r2, [sp, #END]
    add     power, r1, #COMPLEX /* bin 0 lies on the lower edge of the first band: its rise is 0 */
    ldrd    rise, count, [r0, #RISES]
    ldrb    r0, [count], #1
    add     end, rise, r0, lsl #1
    adds    rise, #2
    mov     r_high, #0
    mov     r_high_high, #0
    mov     rising, #0
    mov     rising_high, #0
    b       2f
1:  load_bin p_high, p_low
    umlal   r_high, r_high_high, p_high, factor
    umlal   rising, rising_high, p_low, factor
2:  cmp     rise, end
    bne     1b
    finish_rising
    strd    rising, rising_high, [sp, #BEFORE]

.Lband:
    ldrb    r0, [count], #1
    cbz     r0, .Lnone
    add     end, rise, r0, lsl #1
    load_bin high, low
    umull   r_high, r_high_high, high, factor
    umull   rising, rising_high, low, factor
    cmp     rise, end
    beq     2f
1:  load_bin p_high, p_low
    add     high, p_high
    add     low, p_low
    umlal   r_high, r_high_high, p_high, factor
    umlal   rising, rising_high, p_low, factor
    cmp     rise, end
    bne     1b
2:  finish_rising
.Lenergy:
    ldrd    energy, energy_high, [sp, #BEFORE]
    strd    rising, rising_high, [sp, #BEFORE]
    lsl     high, high, #LOW_BITS - 16
    add     high, high, low, lsr #16
    adds    energy, energy, low, lsl #16
    adc     energy_high, energy_high, high
    subs    energy, energy, rising
    sbc     energy_high, energy_high, rising_high
    lsrs    energy, #16
    orr     energy, energy, energy_high, lsl #16
    lsrs    energy_high, #16
    bl      kws_log_code
    strh    r0, [code], #2
    ldr     r1, [sp, #END]
    cmp     code, r1
    bne     .Lband
    add     sp, #LOCALS
    pop     {r4-r11, pc}
.Lnone:
    mov     high, #0
    mov     low, #0
    mov     rising, #0
    mov     rising_high, #0
    b       .Lenergy
    .size kws_mel_features, . - kws_mel_features

#endif
