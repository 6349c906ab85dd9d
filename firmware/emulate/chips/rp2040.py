"""A model of the RP2040, by its datasheet: boot ROM, clocks, resets, pins, UART, PIO and DMA, as far as the Pico uses them."""

from firmware.emulate.chips.chip import CORE_WINDOW, Chip
from firmware.emulate.chips.machine import MachineError
from firmware.image.board import BAUD
from firmware.image.boot_block import BLOCK_BYTES, checksum

BOOT_COPY = 0x20041F00
DMA_INTERRUPT, UART_INTERRUPT = 11, 20
PROGRAM = (0xB142, 0xA142, 0x4001)
"""nop side 1 [1]; nop side 0 [1]; in pins, 1 side 0: five steps a bit."""
STEPS = 5
RESETS = {"DMA": 2, "IO": 5, "PADS": 8, "PIO0": 10, "PLL": 12, "TIMER": 21, "UART0": 22}
"""{how its registers' names begin: the bit of RESETS of a peripheral}."""
SSI = 0x18000000


class Rp2040(Chip):
    windows = (CORE_WINDOW, (0x40000000, 0x70000), (0x50000000, 0x400000), (0xD0000000, 0x1000), (SSI, 0x1000))
    pointers = ("_ADDR",)
    unlogged = Chip.unlogged | {"UART0_UARTDR"}
    reset = Chip.reset | {"CLOCKS_CLK_SYS_CTRL": 0, "DMA_INTS0": 0}

    def reset_address(self):
        """The boot ROM runs the flash's first block in RAM if its checksum is right."""
        block = self.machine.read_memory(self.machine.memory["BOOT"].start, 256)
        if checksum(block[:BLOCK_BYTES]) != int.from_bytes(block[BLOCK_BYTES:], "little"):
            raise MachineError("the boot block's checksum is wrong: the boot ROM does not start it")
        self.machine.write_memory(BOOT_COPY, block)
        for offset, name in ((0, "CTRLR0"), (4, "CTRLR1"), (8, "SSIENR"), (0x14, "BAUDR"), (0xF4, "SPI_CTRLR0")):
            self.machine.names[SSI + offset] = f"SSI_{name}"
        return BOOT_COPY | 1

    # --- clocks and resets

    def read_XOSC_STATUS(self):
        return (self.bits("XOSC_CTRL") == 0xFABAA0) << 31

    def read_CLOCKS_CLK_REF_SELECTED(self):
        return 1 << (self.bits("CLOCKS_CLK_REF_CTRL") & 3)

    def read_CLOCKS_CLK_SYS_SELECTED(self):
        return 1 << (self.bits("CLOCKS_CLK_SYS_CTRL") & 1)

    def read_RESETS_RESET_DONE(self):
        """A peripheral is ready when its clock runs: the UART's when clk_peri does."""
        uart = 1 << 22
        return self.bits("RESETS_RESET_CLEAR") & ~(0 if self.bits("CLOCKS_CLK_PERI_CTRL") >> 11 & 1 else uart)

    def is_on(self, name):
        bit = RESETS.get(name.partition("_")[0])
        return bit is None or self.read_RESETS_RESET_DONE() >> bit & 1

    def read_PLL_SYS_CS(self):
        on = not self.bits("PLL_SYS_PWR") & 0b100001
        return (on and 63 <= self.bits("PLL_SYS_FBDIV_INT") <= 133) << 31 | 1

    def write_CLOCKS_CLK_SYS_CTRL(self, value):
        dividers = self.bits("PLL_SYS_PRIM")
        self.expect("the PLL gives no clock", self.read_PLL_SYS_CS() >> 31 and not self.bits("PLL_SYS_PWR") >> 3 & 1)
        self.core_hz = 12_000_000 * self.bits("PLL_SYS_FBDIV_INT") / (dividers >> 16 & 7) / (dividers >> 12 & 7)
        self.expect(f"the core at {self.core_hz} Hz", self.core_hz <= 133_000_000)

    def read_TIMER_TIMERAWL(self):
        tick = self.bits("WATCHDOG_TICK")
        self.expect(
            "the timer has no tick of 1 us", tick == 1 << 9 | 12 and self.read_CLOCKS_CLK_REF_SELECTED() == 1 << 2
        )
        return int(self.look() * 1_000_000 // self.core_hz) & 0xFFFFFFFF

    # --- pins

    def _function(self, pin):
        return self.bits(f"IO_BANK0_GPIO{pin}_CTRL")

    def drives(self, pin):
        """0 or 1, or None where it is no output."""
        driven = self._function(pin) == 5 and self.bits("SIO_GPIO_OE_SET") >> pin & 1
        return self.bits("high") >> pin & 1 if driven else None

    def write_SIO_GPIO_OUT_SET(self, value):
        self.held["high"] = self.bits("high") | value

    def write_SIO_GPIO_OUT_CLR(self, value):
        self.held["high"] = self.bits("high") & ~value

    # --- serial port

    def write_UART0_UARTDR(self, value):
        self.expect("the UART is off", self.bits("UART0_UARTCR") & 0x101 == 0x101)
        self.expect("the UART's pin", self._function(0) == 2)
        divider = self.bits("UART0_UARTIBRD") + self.bits("UART0_UARTFBRD") / 64
        self.expect("the UART's rate", abs(self.core_hz / 16 / divider / BAUD - 1) < 0.01)
        self.send(value)

    def read_UART0_UARTFR(self):
        return 0 if "byte" in self.held else 1 << 4

    def read_UART0_UARTDR(self):
        return self.held.pop("byte") | self.held.pop("overrun") << 11

    def receive(self, byte):
        self.expect("no byte: the UART", self.bits("UART0_UARTCR") & 0x201 == 0x201 and self._function(1) == 2)
        self.expect("no byte: the UART's pad", self.bits("PADS_BANK0_GPIO1") >> 6 == 1)
        self.expect("no byte: the UART's interrupt", self.bits("UART0_UARTIMSC") >> 6 & 1)
        self.held.update(byte=byte, overrun=int(self.loses))  # of this byte
        self.machine.interrupt(UART_INTERRUPT)

    def requests(self, interrupt):
        return {UART_INTERRUPT: "byte" in self.held, DMA_INTERRUPT: self.bits("DMA_INTS0")}[interrupt]

    # --- microphone: PIO0's first state machine into DMA channels 0 and 1

    def write_DMA_CH0_CTRL_TRIG(self, value):
        self.held["running"] = 0

    def write_DMA_INTS0(self, value):
        self.held["DMA_INTS0"] = self.bits("DMA_INTE0") & self.bits("ended") & ~value
        self.held["ended"] = self.bits("ended") & ~value

    def _check_program(self):
        self.expect("the program", tuple(self.bits(f"PIO0_INSTR_MEM{n}") for n in range(3)) == PROGRAM)
        self.expect("the program's end", self.bits("PIO0_SM0_EXECCTRL") >> 7 & 0x3FF == 2 << 5)
        divider = self.bits("PIO0_SM0_CLKDIV") / 65536
        rate = self.core_hz / divider / STEPS / 64
        self.expect(f"{rate} samples a second", rate == 16_000)
        pins = self.bits("PIO0_SM0_PINCTRL")
        clock, data = pins >> 10 & 31, pins >> 15 & 31
        self.expect(
            "the clock's pin", clock == 2 == pins >> 5 & 31 and self._function(clock) == 6 and pins >> 26 == 0b001001
        )
        self.expect("the clock's direction", self.bits("PIO0_SM0_INSTR") == 0xE081)
        self.expect("the data's pin", data == 3 and self.bits("PADS_BANK0_GPIO3") >> 6 == 1)
        self.expect("the shift", self.bits("PIO0_SM0_SHIFTCTRL") & 0x1F50000 == 0x50000)
        self.expect("the state machine", self.bits("PIO0_CTRL") & 1)

    def fill_hop(self, data):
        self._check_program()
        channel = self.held["running"]
        control = self.bits("DMA_CH0_CTRL_TRIG" if channel == 0 else "DMA_CH1_AL1_CTRL")
        self.expect("the channel", control & 0x3F == 0b101001 and control >> 15 & 63 == 4)
        self.expect("the channel's source", self.bits(f"DMA_CH{channel}_READ_ADDR") == 0x50200020)
        self.expect("the length is no hop", self.bits(f"DMA_CH{channel}_TRANS_COUNT") * 4 == len(data))
        address = self.held.pop(f"DMA_CH{channel}_WRITE_ADDR", None)
        self.expect("the channel's address was not written again", address)
        self.machine.write_memory(address, data)
        self.held["ended"] = self.bits("ended") | 1 << channel
        self.held["running"] = control >> 11 & 15
        self.expect("the channel starts itself", self.held["running"] != channel)
        self.held["DMA_INTS0"] = self.bits("ended") & self.bits("DMA_INTE0")
        if self.bits("DMA_INTS0"):
            self.machine.interrupt(DMA_INTERRUPT)
