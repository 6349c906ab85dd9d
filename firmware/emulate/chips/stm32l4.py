"""A model of the STM32L475, by RM0351: clocks, pins, USART1, DFSDM and DMA1, as far as the B-L475E uses them."""

from firmware.emulate.chips.chip import CORE_WINDOW, Chip
from firmware.image.board import BAUD

DMA_INTERRUPT, USART_INTERRUPT = 14, 37
HALF, WHOLE = 1 << 14, 1 << 13
CLOCKS = {
    **{"GPIOB": ("RCC_AHB2ENR", 1), "GPIOE": ("RCC_AHB2ENR", 4), "USART1": ("RCC_APB2ENR", 14)},
    **{"DFSDM1": ("RCC_APB2ENR", 24), "DMA1": ("RCC_AHB1ENR", 0)},
}
"""{peripheral: (register, bit) that switches its clock on}."""


class Stm32l475(Chip):
    windows = (CORE_WINDOW, (0x40000000, 0x30000), (0x48000000, 0x2000))
    pointers = ("CPAR4", "CMAR4")
    unlogged = Chip.unlogged | {"USART1_TDR"}
    reset = Chip.reset | {
        **{"RCC_CR": 0x63, "RCC_AHB1ENR": 0x100, "RCC_AHB2ENR": 0, "RCC_APB2ENR": 0, "DMA1_CSELR": 0, "DMA1_ISR": 0},
        **{"GPIOB_MODER": 0xFFFFFEBF, "GPIOE_MODER": 0xFFFFFFFF, "GPIOB_AFRL": 0, "GPIOE_AFRL": 0, "GPIOE_AFRH": 0},
    }

    # --- clocks

    def read_RCC_CR(self):
        """What is on is ready."""
        held = self.bits("RCC_CR")
        return held | (held >> 8 & 1) << 10 | (held >> 24 & 1) << 25

    def write_RCC_CFGR(self, value):
        pll = self.bits("RCC_PLLCFGR")
        self.expect("the PLL is not ready", self.read_RCC_CR() >> 25 & 1 and value == 3)
        self.expect("the PLL's source or output", pll & 3 == 2 and self.read_RCC_CR() >> 10 & 1 and pll >> 24 & 7 == 1)
        self.core_hz = 16_000_000 / ((pll >> 4 & 7) + 1) * (pll >> 8 & 127) / 2
        self.expect(f"the core at {self.core_hz} Hz", self.core_hz == 80_000_000)
        self.expect("the flash has too few wait states", self.bits("FLASH_ACR") & 7 == 4)

    def read_RCC_CFGR(self):
        return self.bits("RCC_CFGR") | self.bits("RCC_CFGR") << 2

    def is_on(self, name):
        register, bit = CLOCKS.get(name.partition("_")[0], (None, None))
        return register is None or self.bits(register) >> bit & 1

    # --- pins

    def _function(self, port, pin):
        """The alternate function, or None."""
        alternate = self.bits(f"GPIO{port}_MODER") >> 2 * pin & 3 == 2
        return self.bits(f"GPIO{port}_AFR{'H' if pin > 7 else 'L'}") >> 4 * (pin % 8) & 15 if alternate else None

    def drives(self, pin):
        """0 or 1 of a pin of port B, or None where it is no output."""
        return self.bits("high") >> pin & 1 if self.bits("GPIOB_MODER") >> 2 * pin & 3 == 1 else None

    def write_GPIOB_BSRR(self, value):
        self.held["high"] = (self.bits("high") | value & 0xFFFF) & ~(value >> 16)

    # --- serial port

    def write_USART1_TDR(self, value):
        self.expect("the USART is off", self.bits("USART1_CR1") & 0b1001 == 0b1001)
        self.expect("the USART's pin", self._function("B", 6) == 7)
        self.expect("the USART's rate", abs(self.core_hz / self.bits("USART1_BRR") / BAUD - 1) < 0.01)
        self.send(value)

    def read_USART1_ISR(self):
        return 1 << 7 | ("byte" in self.held) << 5 | self.bits("overrun") << 3

    def write_USART1_ICR(self, value):
        self.held["overrun"] = self.bits("overrun") & ~(value >> 3)

    def read_USART1_RDR(self):
        return self.held.pop("byte")

    def receive(self, byte):
        self.expect("no byte: the USART", self.bits("USART1_CR1") & 0b100101 == 0b100101)
        self.expect("no byte: the USART's pin", self._function("B", 7) == 7)
        self.held.update(byte=byte, overrun=self.bits("overrun") | int(self.loses))
        self.machine.interrupt(USART_INTERRUPT)

    def requests(self, interrupt):
        serial = "byte" in self.held or self.bits("overrun")
        return {USART_INTERRUPT: serial, DMA_INTERRUPT: self.bits("DMA1_ISR")}[interrupt]

    # --- microphone: the DFSDM's filter 0 into DMA1's channel 4

    def write_DMA1_IFCR(self, value):
        self.held["DMA1_ISR"] &= ~value

    def fill_hop(self, data):
        clock, channel = self.bits("DFSDM1_CH0CFGR1"), self.bits("DFSDM1_CH2CFGR1")
        control, form = self.bits("DFSDM1_FLT0CR1"), self.bits("DFSDM1_FLT0FCR")
        self.expect("the pins", self._function("E", 7) == 6 == self._function("E", 9))
        self.expect("the DFSDM is off", clock >> 31 and not clock >> 30 & 1)
        self.expect("channel 2", channel == 0b10000100 and not self.bits("DFSDM1_CH2CFGR2"))
        rate = self.core_hz / ((clock >> 16 & 255) + 1) / ((form >> 16 & 1023) + 1) / ((form & 255) + 1)
        self.expect(f"{rate} samples a second", rate == 16_000)
        self.expect("the filter", control == 1 << 29 | 2 << 24 | 1 << 21 | 1 << 18 | 1 << 17 | 1 and form >> 29 == 3)
        self.expect("the DMA", self.bits("DMA1_CCR4") & 0xFFF == 0xAA7 and not self.bits("DMA1_CSELR") >> 12 & 15)
        self.expect("the DMA's source", self.machine.names[self.bits("DMA1_CPAR4")] == "DFSDM1_FLT0RDATAR")
        self.expect("the length is not two hops", self.bits("DMA1_CNDTR4") * 4 == 2 * len(data))
        half = self.hops % 2
        self.machine.write_memory(self.bits("DMA1_CMAR4") + half * len(data), data)
        self.expect("the hop before is not taken from the DMA", not self.bits("DMA1_ISR"))
        self.held["DMA1_ISR"] = WHOLE if half else HALF
        self.machine.interrupt(DMA_INTERRUPT)
