/* Registers of the cores: Arm DDI 0403 (Armv7-M), chapters B3.2 (SCB), B3.3 (SysTick), B3.4 (NVIC), C1.6 (debug), C1.8
 * (DWT); DDI 0419 (Armv6-M), the same chapters, has SCB_ICSR and SCB_VTOR, the three of SysTick and the first of each NVIC
 * pair. */
#ifndef CORTEX_M_H
#define CORTEX_M_H
#include "register.h"

typedef void (*vector)(void);

#define DWT_CTRL REGISTER(0xe0001000)
#define DWT_CYCCNT REGISTER(0xe0001004)
#define SYST_CSR REGISTER(0xe000e010)
#define SYST_RVR REGISTER(0xe000e014)
#define SYST_CVR REGISTER(0xe000e018)
#define NVIC_ISER0 REGISTER(0xe000e100)
#define NVIC_ISER1 REGISTER(0xe000e104)
#define NVIC_ICER0 REGISTER(0xe000e180)
#define NVIC_ICER1 REGISTER(0xe000e184)
#define SCB_ICSR REGISTER(0xe000ed04)
#define SCB_VTOR REGISTER(0xe000ed08)
#define SCB_CPACR REGISTER(0xe000ed88)
#define DCB_DEMCR REGISTER(0xe000edfc)

#define DWT_CYCCNTENA 1u
#define DCB_TRCENA (1u << 24)
#define SCB_PENDSTCLR (1u << 25)
#define SYST_ENABLE 1u
#define SYST_TICKINT 2u
#define SYST_CLKSOURCE 4u

#endif
