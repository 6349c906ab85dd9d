/* The state-space cell of ssm.c for Helium: eight units at once.  Each computes what ssm.c, gates.h and requantize.h do; sums,
 * products and states are two vectors of four, gates one of eight: units 0 and 4, 1 and 5, 2 and 6, 3 and 7 side by side.
 *
 * void kws_ssm_step(const struct kws_layer *layer, const int16_t *input, int16_t *upper, int32_t *sums) */
#include "target.h"

#ifdef KWS_CORE_HELIUM

    .syntax unified
    .thumb

v_multiplier .req r0 /* accesses that widen or narrow need registers up to r7 */
z_multiplier .req r1
upper        .req r2
lower        .req r3
v_sums       .req r4
z_sums       .req r5
v_accumulator_shift .req r6 /* shifts to the left: negative */
v_right_shift       .req r7
z_accumulator_shift .req r8
z_right_shift       .req r9
knots        .req r10
next_knots   .req r11
left         .req r12

v            .req q0
z            .req q1
middle       .req q6 /* knot of input 0 */
one          .req q7 /* Q0.15 */

    .equ MULTIPLIER, 8 /* in struct kws_layer; the scaling follows */
    .equ UNITS, 22
    .equ MIDDLE, 64

    /* Four units before saturation, v in a and z in c; if t is t, what is in the units left only. */
    .macro requantize a, b, c, d, t
    .ifc \t, t
    vpstttt
    .endif
    vldrw\t\().u32   \a, [v_sums], #16
    vldrh\t\().u32   \b, [v_multiplier], #8
    vldrw\t\().u32   \c, [z_sums], #16
    vldrh\t\().u32   \d, [z_multiplier], #8
    vshl.s32    \a, v_accumulator_shift
    vshl.s32    \c, z_accumulator_shift
    vmul.i32    \a, \a, \b
    vmul.i32    \c, \c, \d
    vrshl.s32   \a, v_right_shift
    vrshl.s32   \c, z_right_shift
    .endm

    /* VMULH of the difference between knots and fraction * 2^7 is their product / 2^9, floored. */
    .macro sigmoid value
    vshr.s16    q2, \value, #9
    vadd.i16    q2, q2, middle
    vshl.i16    \value, \value, #7
    vldrh.u16   q3, [knots, q2, uxtw #1]
    vldrh.u16   q4, [next_knots, q2, uxtw #1]
    vsub.i16    q4, q4, q3
    vmulh.u16   q4, q4, \value
    vadd.i16    \value, q3, q4
    .endm

    /* The next states of units 4 to 7 or, then, of 0 to 3, from v * 2^8 and z * 2^16. */
    .macro states v, z, from, t
    .ifc \t, t
    vpstt
    .endif
    vldrb\t\().u32   q4, [lower, #\from]
    vldrh\t\().s32   q5, [upper, #2 * \from]
    vsli.32     q4, q5, #8
    vsub.i32    \v, \v, q4
    vqrdmulh.s32 \v, \v, \z
    vadd.i32    q4, q4, \v
    vshr.s32    q5, q4, #8
    .ifc \t, t
    vpstt
    .endif
    .if \from
    vstrb\t\().32    q4, [lower, #\from]
    vstrh\t\().32    q5, [upper, #2 * \from]
    .else
    vstrb\t\().32    q4, [lower], #8
    vstrh\t\().32    q5, [upper], #16
    .endif
    .endm

    .macro first_of_eight t
    .ifc \t, t
    vctp.32     left
    .endif
    .endm

    .macro last_of_eight t
    .ifc \t, t
    vctp.32     lr
    .endif
    .endm

    .macro eight_units t
    first_of_eight \t
    requantize  v, q2, z, q3, \t
    vqmovnb.s32 v, v
    vqmovnb.s32 z, z
    last_of_eight \t
    requantize  q2, q3, q4, q5, \t
    vqmovnt.s32 v, q2
    vqmovnt.s32 z, q4
    vqadd.s16   v, v, v
    sigmoid     v
    sigmoid     z
    vshl.i16    v, v, #1 /* tanh(x) = 2 sigmoid(2 x) - 1 */
    vsub.i16    v, v, one
    vshllt.s16  q2, v, #8
    vshllt.s16  q3, z, #16
    states      q2, q3, 4, \t
    first_of_eight \t
    vshllb.s16  v, v, #8
    vshllb.s16  z, z, #16
    states      v, z, 0, \t
    .endm

    .section .text.kws_ssm_step, "ax", %progbits
    .global kws_ssm_step
    .type kws_ssm_step, %function
    .thumb_func
    .balign 4
kws_ssm_step:
    push        {r4-r11, lr}
    sub         sp, #4 /* calls begin at a multiple of eight bytes */
    vpush       {d8-d15}
    mov         r6, r0
    mov         r7, r2
    mov         v_sums, r3
    movs        r2, #0
    bl          kws_accumulate
    ldrh        left, [r6, #UNITS]
    mov         upper, r7
    add         lower, upper, left, lsl #1
    add         z_sums, v_sums, left, lsl #2
    ldrd        v_multiplier, r10, [r6, #MULTIPLIER]
    add         z_multiplier, v_multiplier, left, lsl #1
    ldrb        v_accumulator_shift, [r10]
    ldrb        v_right_shift, [r10, #1]
    ldrb        z_accumulator_shift, [r10, #2]
    ldrb        z_right_shift, [r10, #3]
    rsb         v_accumulator_shift, #0
    rsb         v_right_shift, #0
    rsb         z_accumulator_shift, z_accumulator_shift, #0
    rsb         z_right_shift, z_right_shift, #0
    ldr         knots, =kws_sigmoid_table
    add         next_knots, knots, #2
    movs        lr, #MIDDLE
    vdup.16     middle, lr
    movw        lr, #0x7fff
    vdup.16     one, lr
    lsrs        lr, left, #3
    wls         lr, lr, 2f
1:  eight_units
    le          lr, 1b
2:  ands        left, #7
    beq         3f
    sub         lr, left, #4
    usat        lr, #3, lr
    eight_units t
3:  vpop        {d8-d15}
    add         sp, #4
    pop         {r4-r11, pc}
    .ltorg
    .size kws_ssm_step, . - kws_ssm_step

#endif
