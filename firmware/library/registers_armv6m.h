/* What a function that uses r4 to r11 saves and restores on ARMv6-M, where only r0 to r7 can be pushed and popped. */
#ifndef KWS_REGISTERS_ARMV6M_H
#define KWS_REGISTERS_ARMV6M_H

    .macro push_registers
    push    {r4-r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4-r7}
    .endm

    .macro pop_registers_and_return
    pop     {r4-r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4-r7, pc}
    .endm

#endif
