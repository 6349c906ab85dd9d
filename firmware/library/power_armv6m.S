/* The power spectrum of power.c for ARMv6-M and ARMv8-M Baseline (M0, M0+, M23), bin by bin the same: kws_power_spectrum.
 *
 * A bin takes seven of the eight low registers.  Its mirror image and its factor are addressed from the place of the bin:
 * the mirror image moves down while the bin and the factor move up.  A power's low part has 16 bits here: it is
 * 2^16 * high + low.
 *
 * void kws_power_spectrum(struct kws_complex values[256])
 * void kws_power_spectrum_wide(struct kws_complex values[256]) */
#include "target.h"

#ifdef KWS_CORE_BASELINE
#include "registers_armv6m.h"
    .syntax unified
    .thumb

mirror_re .req r0
mirror_im .req r1
re        .req r2
im        .req r3
cos       .req r4
sin       .req r5
scratch   .req r6
place     .req r7
even_re   .req r8
even_im   .req r9
mirrors   .req r10 /* the place of a bin plus that of its mirror image */
factors   .req r11 /* the place of a factor less that of its bin */
end       .req r12

    .equ COMPLEX, 8 /* bytes of a value or a factor */
    .equ POINTS, 256

    .macro load_mirror first, second
    mov     scratch, mirrors
    subs    scratch, place
    ldmia   scratch!, {\first, \second}
    .endm

    .macro load_factor
    mov     scratch, factors
    adds    scratch, place
    ldmia   scratch!, {cos, sin}
    .endm

    .macro load first, second
    ldr     \first, [place]
    ldr     \second, [place, #4]
    .endm

    /* x = floor(x * factor / 2^18), both parts of x and the factor given; as kws_multiply_half. */
    .macro combine high, low
    asrs    \low, #14
    adds    \high, \low
    asrs    \high, #4
    .endm

    /* Leaves the parts of the power in mirror_im and re, from a bin and its mirror image, both halved, and the bin's factor.
     * With x = 2^15 a + c and y = 2^15 b + d for its real and imaginary part, the sums of products in x^2 + y^2 are 2^30
     * times at most 2^29.9, 2^16 times 2^30.5, and 2^31. */
    .macro power
    adds    scratch, re, mirror_re
    mov     even_re, scratch
    subs    scratch, im, mirror_im
    mov     even_im, scratch
    asrs    im, #1
    asrs    mirror_im, #1
    adds    im, mirror_im /* odd.re */
    asrs    mirror_re, #1
    asrs    re, #1
    subs    mirror_re, re /* odd.im */
    lsls    re, im, #18
    lsrs    re, #18
    asrs    im, #14
    movs    mirror_im, im
    muls    mirror_im, cos
    movs    scratch, re
    muls    scratch, cos
    combine mirror_im, scratch /* odd.re * cos */
    muls    im, sin
    muls    re, sin
    combine im, re /* odd.re * sin */
    lsls    re, mirror_re, #18
    lsrs    re, #18
    asrs    mirror_re, #14
    movs    scratch, re
    muls    scratch, cos
    muls    cos, mirror_re
    combine cos, scratch /* odd.im * cos */
    subs    cos, im
    muls    mirror_re, sin
    muls    re, sin
    combine mirror_re, re /* odd.im * sin */
    adds    mirror_im, mirror_re
    lsls    mirror_im, #2
    add     mirror_im, even_re /* x */
    lsls    cos, #2
    add     cos, even_im /* y */
    lsls    re, mirror_im, #17
    lsrs    re, #17 /* c */
    asrs    mirror_im, #15 /* a */
    lsls    im, cos, #17
    lsrs    im, #17 /* d */
    asrs    cos, #15 /* b */
    movs    scratch, mirror_im
    muls    scratch, re
    movs    mirror_re, cos
    muls    mirror_re, im
    adds    scratch, mirror_re /* a c + b d */
    muls    mirror_im, mirror_im
    muls    cos, cos
    adds    mirror_im, cos
    asrs    mirror_re, scratch, #14
    adds    mirror_im, mirror_re
    muls    re, re
    muls    im, im
    adds    re, im
    lsrs    re, #14
    lsls    scratch, #18
    lsrs    scratch, #16
    adds    re, scratch
    lsrs    scratch, re, #16
    adds    mirror_im, scratch
    uxth    re, re
    .endm

    .macro begin name
    .section .text.\name, "ax", %progbits
    .global \name
    .type \name, %function
    .thumb_func
    .balign 4
\name:
    push_registers
    ldr     r1, =kws_twiddles
    subs    r1, r0
    mov     factors, r1
    ldr     r1, =COMPLEX * POINTS / 2
    adds    r1, r0
    mov     end, r1
    adds    r1, r1
    mov     mirrors, r1
    movs    place, r0
    adds    place, #COMPLEX
    .endm

    .macro end name
    pop_registers_and_return

    .ltorg
    .size \name, . - \name
    .endm

    begin kws_power_spectrum
1:  load_mirror mirror_re, mirror_im
    load_factor
    load    re, im
    power
    stmia   place!, {mirror_im, re}
    cmp     place, end
    bne     1b
    end kws_power_spectrum

    begin kws_power_spectrum_wide
    /* The mirror image's power: the same with bin and mirror image exchanged and the factor mirrored.  The bin's own power
     * waits on the stack. */
1:  load_mirror mirror_re, mirror_im
    load_factor
    load    re, im
    power
    push    {mirror_im, re}
    load_mirror re, im
    load_factor
    rsbs    cos, cos, #0
    load    mirror_re, mirror_im
    power
    mov     scratch, mirrors
    subs    scratch, place
    stmia   scratch!, {mirror_im, re}
    pop     {mirror_im, re}
    stmia   place!, {mirror_im, re}
    cmp     place, end
    beq     2f
    b       1b
2:  load    mirror_re, mirror_im
    load    re, im
    load_factor
    power
    stmia   place!, {mirror_im, re}
    end kws_power_spectrum_wide

#endif
