"""A model of the STM32L475, by RM0351: clocks, pins, USART1, DFSDM and DMA1, as far as the B-L475E uses them."""

from firmware.emulate.chips.chip import CORE_WINDOW, MICROPHONE, RECEIVING, SENDING, Chip, quotient
from firmware.frontend import SAMPLE_RATE_HZ

DMA_INTERRUPT, USART_INTERRUPT = 14, 37
HALF, WHOLE = 1 << 14, 1 << 13
CLOCKS = {
    **{"GPIOB": ("RCC_AHB2ENR", 1), "GPIOE": ("RCC_AHB2ENR", 4), "USART1": ("RCC_APB2ENR", 14)},
    **{"DFSDM1": ("RCC_APB2ENR", 24), "DMA1": ("RCC_AHB1ENR", 0)},
}
"""{peripheral: (register, bit) that enables its clock}."""
FILTER = 1 << 29 | 2 << 24 | 1 << 21 | 1 << 18 | 1 << 17 | 1
"""DFSDM1_FLT0CR1: fast, channel 2, DMA, continuous, started, on."""


class Stm32l475(Chip):
    core_hz = 4_000_000
    """After reset; write_RCC_CFGR sets the PLL's."""
    windows = (CORE_WINDOW, (0x40000000, 0x30000), (0x48000000, 0x2000))
    pointers = ("CPAR4", "CMAR4")
    unlogged = Chip.unlogged | {"USART1_TDR"}
    reset = Chip.reset | {
        **{"RCC_CR": 0x63, "RCC_AHB1ENR": 0x100, "RCC_AHB2ENR": 0, "RCC_APB2ENR": 0, "DMA1_CSELR": 0, "DMA1_ISR": 0},
        **{"GPIOB_MODER": 0xFFFFFEBF, "GPIOE_MODER": 0xFFFFFFFF, "GPIOB_AFRL": 0, "GPIOE_AFRL": 0, "GPIOE_AFRH": 0},
    }

    # --- clocks

    def read_RCC_CR(self):
        """An oscillator or PLL that is on is ready."""
        held = self.bits("RCC_CR")
        return held | (held >> 8 & 1) << 10 | (held >> 24 & 1) << 25

    def write_RCC_CFGR(self, value):
        control, pll = self.read_RCC_CR(), self.bits("RCC_PLLCFGR")
        self.expect("PLL not selected", "RCC_CFGR", f"{value:#x}", "0x3")
        self.expect("PLL not ready", "RCC_CR bit 25", control >> 25 & 1, 1)
        self.expect("PLL has no source", "RCC_CR bit 10", control >> 10 & 1, 1)
        self.expect_bits("PLL has no source", "RCC_PLLCFGR", 2, 3)
        self.expect_bits("PLL has no output", "RCC_PLLCFGR", 1 << 24, 7 << 24)
        self.core_hz = 16_000_000 / ((pll >> 4 & 7) + 1) * (pll >> 8 & 127) / 2
        self.expect("core clock wrong", "frequency in Hz", self.core_hz, 80_000_000)
        self.expect_bits("flash wait states wrong", "FLASH_ACR", 4, 7)

    def read_RCC_CFGR(self):
        return self.bits("RCC_CFGR") | self.bits("RCC_CFGR") << 2

    def why_off(self, name):
        register, bit = CLOCKS.get(name.partition("_")[0], (None, None))
        is_off = register and not self.bits(register) >> bit & 1
        return f"its peripheral has no clock: {register} bit {bit} is 0" if is_off else ""

    # --- pins

    def _expect_function(self, problem, port, pin, function):
        """The pin has an alternate function, and this one."""
        is_alternate = self.bits(f"GPIO{port}_MODER") >> 2 * pin & 3 == 2
        selected = self.bits(f"GPIO{port}_AFR{'H' if pin > 7 else 'L'}") >> 4 * (pin % 8) & 15
        self.expect(problem, f"P{port}{pin} alternate function", selected if is_alternate else "off", function)

    def drives(self, pin):
        """0 or 1 for a pin of port B, or None if it is no output."""
        return self.bits("high") >> pin & 1 if self.bits("GPIOB_MODER") >> 2 * pin & 3 == 1 else None

    def write_GPIOB_BSRR(self, value):
        self.held["high"] = (self.bits("high") | value & 0xFFFF) & ~(value >> 16)

    # --- serial port

    def write_USART1_TDR(self, value):
        self.expect_bits(SENDING, "USART1_CR1", 0b1001, 0b1001)
        self._expect_function(SENDING, "B", 6, 7)
        self.expect_baud(quotient(self.core_hz, self.bits("USART1_BRR")))
        self.send(value)

    def read_USART1_ISR(self):
        return 1 << 7 | ("byte" in self.held) << 5 | self.bits("overrun") << 3

    def write_USART1_ICR(self, value):
        self.held["overrun"] = self.bits("overrun") & ~(value >> 3)

    def read_USART1_RDR(self):
        return self.held.pop("byte")

    def receive(self, byte):
        self.expect_bits(RECEIVING, "USART1_CR1", 0b100101, 0b100101)
        self._expect_function(RECEIVING, "B", 7, 7)
        self.held.update(byte=byte, overrun=self.bits("overrun") | int(self.loses))
        self.machine.interrupt(USART_INTERRUPT)

    def requests(self, interrupt):
        serial = "byte" in self.held or self.bits("overrun")
        return {USART_INTERRUPT: serial, DMA_INTERRUPT: self.bits("DMA1_ISR")}[interrupt]

    # --- microphone: the DFSDM's filter 0 into DMA1's channel 4

    def write_DMA1_IFCR(self, value):
        self.held["DMA1_ISR"] &= ~value

    def fill_hop(self, data):
        self._expect_function(MICROPHONE, "E", 7, 6)
        self._expect_function(MICROPHONE, "E", 9, 6)
        self.expect_bits(MICROPHONE, "DFSDM1_CH0CFGR1", 1 << 31, 3 << 30)
        self.expect_bits(MICROPHONE, "DFSDM1_CH2CFGR1", 0b10000100)
        self.expect_bits(MICROPHONE, "DFSDM1_CH2CFGR2", 0)
        clock, form = self.bits("DFSDM1_CH0CFGR1"), self.bits("DFSDM1_FLT0FCR")
        rate_hz = self.core_hz / ((clock >> 16 & 255) + 1) / ((form >> 16 & 1023) + 1) / ((form & 255) + 1)
        self.expect(MICROPHONE, "sample rate in Hz", rate_hz, SAMPLE_RATE_HZ)
        self.expect_bits(MICROPHONE, "DFSDM1_FLT0CR1", FILTER)
        self.expect_bits(MICROPHONE, "DFSDM1_FLT0FCR", 3 << 29, 7 << 29)
        self.expect_bits(MICROPHONE, "DMA1_CCR4", 0xAA7, 0xFFF)
        self.expect_bits(MICROPHONE, "DMA1_CSELR", 0, 15 << 12)
        source = self.machine.names.get(self.bits("DMA1_CPAR4"), "none")
        self.expect(MICROPHONE, "register at DMA1_CPAR4", source, "DFSDM1_FLT0RDATAR")
        self.expect(MICROPHONE, "DMA1_CNDTR4", self.bits("DMA1_CNDTR4"), len(data) // 2)
        half = self.hops % 2
        self.machine.write_memory(self.bits("DMA1_CMAR4") + half * len(data), data)
        self.expect_bits("previous hop not taken", "DMA1_ISR", 0)
        self.held["DMA1_ISR"] = WHOLE if half else HALF
        self.machine.interrupt(DMA_INTERRUPT)
