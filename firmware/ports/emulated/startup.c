/* Start-up of the emulated cores: vector table, .data and .bss, main, exit status through semihosting.
 * An image may have a systick_handler of its own; any other exception is a fault and ends the program with status 2. */
#include <stdint.h>

#include "semihosting.h"

extern uint32_t image_stack_top, image_data_start, image_data_end, image_data_load, image_bss_start, image_bss_end;

int main(void);
void reset_handler(void);
void fault_handler(void);
void systick_handler(void) __attribute__((weak, alias("fault_handler")));

/* Coprocessors 10 and 11, which hold Helium's registers, are off after a reset (Armv8-M manual, CPACR). */
static void switch_helium_on(void)
{
#ifdef __ARM_FEATURE_MVE
    volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88;
    *cpacr |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

void reset_handler(void)
{
    switch_helium_on();
    const uint32_t *load = &image_data_load;
    for (uint32_t *word = &image_data_start; word < &image_data_end;)
        *word++ = *load++;
    for (uint32_t *word = &image_bss_start; word < &image_bss_end;)
        *word++ = 0;
    semihosting_exit(main());
}

void fault_handler(void)
{
    semihosting_print("fault: the program went where it should not\n");
    semihosting_exit(2);
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack_top;
    vector reset, faults[14];
} vectors = {&image_stack_top, reset_handler,
             {fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
              fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, systick_handler}};
