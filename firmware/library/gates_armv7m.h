/* What the cells share that are assembly for the DSP extension: requantize.h and gates.h in registers. */
#ifndef KWS_GATES_ARMV7M_H
#define KWS_GATES_ARMV7M_H

    /* kws_rescale of a sum; the last bit that the shift leaves out rounds it. */
    .macro rescale value, multiplier, accumulator_shift, right_shift
    asr     \value, \value, \accumulator_shift
    mul     \value, \value, \multiplier
    asrs    \value, \value, \right_shift
    adc     \value, \value, #0
    .endm

    /* The sigmoid times 2^bits, with a fraction; a value has `bits` bits between two knots.  middle: the knot of 0. */
    .macro sigmoid value, knots, weight, middle, bits
    asr     \knots, \value, #\bits
    ubfx    \value, \value, #0, #\bits
    ldr     \knots, [\middle, \knots, lsl #1]
    rsb     \weight, \value, #1 << \bits
    pkhbt   \value, \weight, \value, lsl #16
    smuad   \value, \knots, \value
    .endm

    /* tanh * 2^8 = (2 sigmoid - 0x7fff) * 2^8, of a sigmoid times 2^9 with a fraction. */
    .macro tanh_of_sigmoid value
    bfc     \value, #0, #9
    sub     \value, \value, #0x7f8000
    sub     \value, \value, #0x7f00
    .endm

#endif
