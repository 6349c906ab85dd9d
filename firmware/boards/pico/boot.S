/* The RP2040's second-stage boot block (RP2040 Datasheet, section 2.8.1.3): the boot ROM copies the first 256 bytes of the
 * flash into RAM, checks the CRC-32 in the last four of them and runs them.  It maps the flash into the address space by the
 * plain read command that every chip knows, copies the program from there into RAM, where it runs without wait states, and
 * starts it.  Registers: section 4.10.13 (SSI). */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .equ SSI, 0x18000000
    .equ SSI_CTRLR0, 0x00
    .equ SSI_CTRLR1, 0x04
    .equ SSI_SSIENR, 0x08
    .equ SSI_BAUDR, 0x14
    .equ SSI_SPI_CTRLR0, 0xf4

    .section .boot, "ax"
    .global boot
    .type boot, %function
boot:
    ldr     r0, =SSI
    movs    r1, #0
    str     r1, [r0, #SSI_SSIENR]
    movs    r1, #4                  @ a quarter of the core's clock: 32 MHz at most
    str     r1, [r0, #SSI_BAUDR]
    ldr     r1, =0x001f0300         @ one bit wide, 32 bits of data, EEPROM read
    str     r1, [r0, #SSI_CTRLR0]
    movs    r1, #0                  @ one word a read
    str     r1, [r0, #SSI_CTRLR1]
    ldr     r1, =0x03000218         @ command 03, 8 bits of it, 24 of the address
    movs    r2, #SSI_SPI_CTRLR0
    str     r1, [r0, r2]
    movs    r1, #1
    str     r1, [r0, #SSI_SSIENR]

    ldr     r0, =image_code_load
    ldr     r1, =image_code_start
    ldr     r2, =image_code_end
copy:
    ldm     r0!, {r3}
    stm     r1!, {r3}
    cmp     r1, r2
    blo     copy

    ldr     r0, =image_code_start
    ldr     r1, [r0]
    msr     msp, r1
    ldr     r1, [r0, #4]
    bx      r1
    .pool
    .size boot, . - boot
