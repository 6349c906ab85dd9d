/* The mel bands of mel.c for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23), band by band the same: kws_mel_features.
 *
 * A power comes in two parts, the low 16 bits and the bits above (power_armv6m.S); a factor is multiplied by 16 bits at a
 * time.
 *
 * void kws_mel_features(const struct kws_features *features, const struct kws_complex powers[256], int16_t *codes) */
#include "target.h"

#ifdef KWS_CORE_BASELINE
#include "registers_armv6m.h"
    .syntax unified
    .thumb

p_high  .req r0 /* the two parts of a power */
p_low   .req r1
factor  .req r2
product .req r3
power   .req r4
rise    .req r5
r_low   .req r6 /* sum(rise * power) of a segment */
r_high  .req r7
high    .req r8 /* sum(power) of a segment, in two parts */
low     .req r9
before  .req r10 /* sum(rise * power) of the segment before */
before_high .req r11
end     .req r12 /* the value of rise at the end of a segment */

    .equ COMPLEX, 8
    .equ RISE, 2
    .equ RISES, 0 /* in struct kws_features: addresses and a byte */
    .equ SEGMENTS, 4
    .equ BANDS, 16
    .equ COUNT, 0 /* place of the next segment's count */
    .equ CODE, 4  /* place of the next code */
    .equ END, 8
    .equ LOCALS, 12

    .section .text.kws_mel_features, "ax", %progbits
    .global kws_mel_features
    .type kws_mel_features, %function
    .thumb_func
    .balign 4
kws_mel_features:
    push_registers
    sub     sp, #LOCALS
    str     r2, [sp, #CODE]
    ldrb    r3, [r0, #BANDS]
    lsls    r3, #1
    adds    r2, r3
    str     r2, [sp, #END]
    movs    power, r1
    adds    power, #COMPLEX /* bin 0 lies on the lower edge of the first band: its rise is 0 */
    ldr     rise, [r0, #RISES]
    adds    rise, #RISE
    ldr     r1, [r0, #SEGMENTS]
    ldrb    r0, [r1]
    subs    r0, #1
    bl      gather
    b       2f

1:  bl      gather
    mov     r1, low
    lsls    r0, r1, #16
    lsrs    r1, r1, #16
    add     r1, high
    mov     r2, before
    mov     r3, before_high
    adds    r0, r2
    adcs    r1, r3
    subs    r0, r_low
    sbcs    r1, r_high /* what falls in this segment and rose in the one before, UQ47.16 */
    lsls    r2, r1, #16
    lsrs    r1, r1, #16
    lsrs    r0, r0, #16
    orrs    r0, r2
    bl      kws_log_code
    ldr     r1, [sp, #CODE]
    strh    r0, [r1]
    adds    r1, #2
    ldr     r2, [sp, #END]
    cmp     r1, r2
    beq     3f
    str     r1, [sp, #CODE]
2:  mov     before, r_low
    mov     before_high, r_high
    ldr     r1, [sp, #COUNT]
    ldrb    r0, [r1]
    b       1b

3:  add     sp, #LOCALS
    pop_registers_and_return

    .ltorg
    .size kws_mel_features, . - kws_mel_features

    /* The sums of r0 bins, none or more; the next count is at r1 + 1. */
    .type gather, %function
    .thumb_func
gather:
    adds    r1, #1
    str     r1, [sp, #COUNT]
    movs    r_low, #0
    movs    r_high, #0
    mov     high, r_low
    mov     low, r_low
    lsls    r0, r0, #1
    beq     2f
    adds    r0, rise
    mov     end, r0
1:  ldmia   power!, {p_high, p_low}
    ldrh    factor, [rise]
    adds    rise, #RISE
    add     high, p_high
    add     low, p_low
    uxth    product, p_high
    muls    product, factor
    lsrs    p_high, p_high, #16
    muls    p_high, factor
    muls    p_low, factor
    lsls    factor, product, #16
    lsrs    product, product, #16
    adds    p_low, factor
    adcs    p_high, product
    adds    r_low, p_low
    adcs    r_high, p_high
    cmp     rise, end
    bne     1b
2:  bx      lr
    .size gather, . - gather

#endif
