/* Start-up of every image: vector table, .data and .bss, main.  An image defines what follows main and a fault
 * (semihosting.c, halt.c), may define a systick_handler, and puts its interrupt vectors into section .interrupts. */
#include <stdint.h>

#include "cortex_m.h"

extern uint32_t image_stack_top, image_data_start, image_data_end, image_data_load, image_bss_start, image_bss_end;

int main(void);
void reset_handler(void);
void fault_handler(void);
void image_fault(void);
void image_end(int status);
void systick_handler(void) __attribute__((weak, alias("fault_handler")));

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack_top;
    vector reset, faults[14];
} vectors = {&image_stack_top, reset_handler,
             {fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
              fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, systick_handler}};

/* Coprocessors 10 and 11, which hold Helium's registers, are off after a reset (Armv8-M manual, CPACR). */
static void switch_helium_on(void)
{
#ifdef __ARM_FEATURE_MVE
    SCB_CPACR |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

void reset_handler(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    SCB_VTOR = (uint32_t)(uintptr_t)&vectors;
    SYST_CSR = 0;            /* a bootloader may have left it on, */
    SCB_ICSR = SCB_PENDSTCLR;
    NVIC_ICER0 = UINT32_MAX; /* and interrupts enabled */
#if __ARM_ARCH_ISA_THUMB > 1
    NVIC_ICER1 = UINT32_MAX; /* an Armv6-M core has 32 interrupts at most */
#endif
    __asm__ volatile("cpsie i" ::: "memory");
    switch_helium_on();
    const uint32_t *load = &image_data_load;
    for (uint32_t *word = &image_data_start; word < &image_data_end;)
        *word++ = *load++;
    for (uint32_t *word = &image_bss_start; word < &image_bss_end;)
        *word++ = 0;
    image_end(main());
}

void fault_handler(void)
{
    image_fault();
}
