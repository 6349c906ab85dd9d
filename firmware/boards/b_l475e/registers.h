/* Registers of the STM32L475: ST RM0351 revision 9, chapters FLASH, RCC, GPIO, DMA, DFSDM and USART.  Names of registers and
 * bits as there; in the DFSDM's, its number, channel y and filter x are filled in. */
#ifndef B_L475E_REGISTERS_H
#define B_L475E_REGISTERS_H
#include "cortex_m.h"

#define FLASH_ACR REGISTER(0x40022000)
#define FLASH_LATENCY_4 4u
#define FLASH_PREFETCH_AND_CACHES (7u << 8)

#define RCC_CR REGISTER(0x40021000)
#define RCC_CFGR REGISTER(0x40021008)
#define RCC_PLLCFGR REGISTER(0x4002100c)
#define RCC_AHB1ENR REGISTER(0x40021048)
#define RCC_AHB2ENR REGISTER(0x4002104c)
#define RCC_APB2ENR REGISTER(0x40021060)
#define RCC_HSION (1u << 8)
#define RCC_HSIRDY (1u << 10)
#define RCC_PLLON (1u << 24)
#define RCC_PLLRDY (1u << 25)
#define RCC_PLLSRC_HSI16 2u
#define RCC_PLLM_SHIFT 4
#define RCC_PLLN_SHIFT 8
#define RCC_PLLREN (1u << 24) /* PLLR 0: divides by 2 */
#define RCC_SW_PLL 3u
#define RCC_SWS_SHIFT 2
#define RCC_DMA1EN (1u << 0)
#define RCC_GPIOBEN (1u << 1)
#define RCC_GPIOEEN (1u << 4)
#define RCC_USART1EN (1u << 14)
#define RCC_DFSDM1EN (1u << 24)

#define GPIOB_MODER REGISTER(0x48000400)
#define GPIOB_BSRR REGISTER(0x48000418)
#define GPIOB_AFRL REGISTER(0x48000420)
#define GPIOE_MODER REGISTER(0x48001000)
#define GPIOE_AFRL REGISTER(0x48001020)
#define GPIOE_AFRH REGISTER(0x48001024)
#define GPIO_OUTPUT 1u
#define GPIO_ALTERNATE 2u

#define USART1_CR1 REGISTER(0x40013800)
#define USART1_BRR REGISTER(0x4001380c)
#define USART1_ISR REGISTER(0x4001381c)
#define USART1_ICR REGISTER(0x40013820)
#define USART1_RDR REGISTER(0x40013824)
#define USART1_TDR REGISTER(0x40013828)
#define USART_UE (1u << 0)
#define USART_RE (1u << 2)
#define USART_TE (1u << 3)
#define USART_RXNEIE (1u << 5)
#define USART_ERRORS 14u /* framing, noise, overrun; the same bits in ICR */
#define USART_RXNE (1u << 5)
#define USART_TXE (1u << 7)
#define USART1_INTERRUPT 37

#define DMA1_ISR REGISTER(0x40020000)
#define DMA1_IFCR REGISTER(0x40020004)
#define DMA1_CCR4 REGISTER(0x40020044)
#define DMA1_CNDTR4 REGISTER(0x40020048)
#define DMA1_CPAR4 REGISTER(0x4002004c)
#define DMA1_CMAR4 REGISTER(0x40020050)
#define DMA1_CSELR REGISTER(0x400200a8)
#define DMA_EN (1u << 0)
#define DMA_TCIE (1u << 1)
#define DMA_HTIE (1u << 2)
#define DMA_CIRC (1u << 5)
#define DMA_MINC (1u << 7)
#define DMA_PSIZE_32 (2u << 8)
#define DMA_MSIZE_32 (2u << 10)
#define DMA_TCIF4 (1u << 13)
#define DMA_HTIF4 (1u << 14)
#define DMA_C4S_MASK (15u << 12) /* request 0 is the DFSDM's filter 0 */
#define DMA1_CHANNEL4_INTERRUPT 14

#define DFSDM1_CH0CFGR1 REGISTER(0x40016000)
#define DFSDM1_CH2CFGR1 REGISTER(0x40016040)
#define DFSDM1_CH2CFGR2 REGISTER(0x40016044)
#define DFSDM1_FLT0CR1 REGISTER(0x40016100)
#define DFSDM1_FLT0FCR REGISTER(0x40016114)
#define DFSDM1_FLT0RDATAR REGISTER(0x4001611c)
#define DFSDM_DFSDMEN (1u << 31)
#define DFSDM_CKOUTDIV_SHIFT 16
#define DFSDM_CHEN (1u << 7)
#define DFSDM_SPICKSEL_CKOUT (1u << 2)
#define DFSDM_DFEN (1u << 0)
#define DFSDM_RSWSTART (1u << 17)
#define DFSDM_RCONT (1u << 18)
#define DFSDM_RDMAEN (1u << 21)
#define DFSDM_RCH_SHIFT 24
#define DFSDM_FAST (1u << 29)
#define DFSDM_FORD_SHIFT 29
#define DFSDM_FOSR_SHIFT 16

#endif
