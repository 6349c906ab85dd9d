"""A model of the RP2040, by its datasheet: boot ROM, clocks, resets, pins, UART, PIO and DMA, as far as the Pico uses them."""

from firmware.emulate.chips.chip import CORE_WINDOW, MICROPHONE, RECEIVING, SENDING, Chip, quotient
from firmware.emulate.chips.machine import MachineError
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.image.boot_block import BLOCK_BYTES, checksum

BOOT_COPY = 0x20041F00
DMA_INTERRUPT, UART_INTERRUPT = 11, 20
PROGRAM = (0xB142, 0xA142, 0x4001)
"""nop side 1 [1]; nop side 0 [1]; in pins, 1 side 0: five steps a bit."""
STEPS = 5
BITS_PER_SAMPLE = 64
CLOCK_PIN, DATA_PIN = 2, 3
PINS = 0b001001 << 26 | DATA_PIN << 15 | CLOCK_PIN << 10 | CLOCK_PIN << 5
"""PIO0_SM0_PINCTRL: one pin of side-set, one of set; the data pin is the input's base, the clock pin those of the other two."""
PINS_MASK = 0b111111 << 26 | 31 << 15 | 31 << 10 | 31 << 5
CHANNEL, CHANNEL_MASK = 4 << 15 | 0b101001, 63 << 15 | 0b111111
"""A DMA channel's control: paced by PIO0's receive queue, 32-bit words to rising addresses, on."""
QUEUE = 0x50200020
"""The address of PIO0's receive queue."""
FASTEST_HZ = 133_000_000
RESETS = {"DMA": 2, "IO": 5, "PADS": 8, "PIO0": 10, "PLL": 12, "TIMER": 21, "UART0": 22}
"""{prefix of the names of a peripheral's registers: its bit in RESETS_RESET_DONE}."""
SSI = 0x18000000


class Rp2040(Chip):
    core_hz = 6_500_000
    """After reset, nominal; write_CLOCKS_CLK_SYS_CTRL sets the PLL's."""
    windows = (CORE_WINDOW, (0x40000000, 0x70000), (0x50000000, 0x400000), (0xD0000000, 0x1000), (SSI, 0x1000))
    pointers = ("_ADDR",)
    unlogged = Chip.unlogged | {"UART0_UARTDR"}
    reset = Chip.reset | {"CLOCKS_CLK_SYS_CTRL": 0, "DMA_INTS0": 0}

    def reset_address(self):
        """The boot ROM runs the flash's first block in RAM if its checksum is right."""
        block = self.machine.read_memory(self.machine.memory["BOOT"].start, 256)
        found, expected = int.from_bytes(block[BLOCK_BYTES:], "little"), checksum(block[:BLOCK_BYTES])
        self.expect("the boot ROM does not start the boot block", "its checksum", f"{found:#010x}", f"{expected:#010x}")
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
        uart = 1 << RESETS["UART0"]
        return self.bits("RESETS_RESET_CLEAR") & ~(0 if self.bits("CLOCKS_CLK_PERI_CTRL") >> 11 & 1 else uart)

    def why_off(self, name):
        bit = RESETS.get(name.partition("_")[0])
        is_off = bit is not None and not self.read_RESETS_RESET_DONE() >> bit & 1
        return f"its peripheral has no clock or is in reset: RESETS_RESET_DONE bit {bit} is 0" if is_off else ""

    def read_PLL_SYS_CS(self):
        on = not self.bits("PLL_SYS_PWR") & 0b100001
        return (on and 63 <= self.bits("PLL_SYS_FBDIV_INT") <= 133) << 31 | 1

    def write_CLOCKS_CLK_SYS_CTRL(self, value):
        self.expect("PLL not running", "PLL_SYS_CS bit 31", self.read_PLL_SYS_CS() >> 31, 1)
        self.expect_bits("PLL has no output", "PLL_SYS_PWR", 0, 1 << 3)
        dividers = self.bits("PLL_SYS_PRIM")
        divider = (dividers >> 16 & 7) * (dividers >> 12 & 7)
        self.core_hz = quotient(12_000_000 * self.bits("PLL_SYS_FBDIV_INT"), divider)
        if self.core_hz > FASTEST_HZ:
            raise MachineError(f"core clock too fast: frequency in Hz is {self.core_hz}, at most {FASTEST_HZ}")

    def read_TIMER_TIMERAWL(self):
        self.expect("timer not running", "CLOCKS_CLK_REF_SELECTED", f"{self.read_CLOCKS_CLK_REF_SELECTED():#x}", "0x4")
        self.expect_bits("timer not running", "WATCHDOG_TICK", 1 << 9 | 12)
        return int(self.look() * 1_000_000 // self.core_hz) & 0xFFFFFFFF

    # --- pins

    @staticmethod
    def function(pin):
        """The name of the register of a pin's function."""
        return f"IO_BANK0_GPIO{pin}_CTRL"

    def drives(self, pin):
        """0 or 1, or None if the pin is no output."""
        is_output = self.bits(self.function(pin)) == 5 and self.bits("SIO_GPIO_OE_SET") >> pin & 1
        return self.bits("high") >> pin & 1 if is_output else None

    def _expect_input(self, problem, pin):
        """The pad's input is on and its output is not disabled."""
        self.expect_bits(problem, f"PADS_BANK0_GPIO{pin}", 1 << 6, 3 << 6)

    def write_SIO_GPIO_OUT_SET(self, value):
        self.held["high"] = self.bits("high") | value

    def write_SIO_GPIO_OUT_CLR(self, value):
        self.held["high"] = self.bits("high") & ~value

    # --- serial port

    def write_UART0_UARTDR(self, value):
        self.expect_bits(SENDING, "UART0_UARTCR", 0x101, 0x101)
        self.expect_bits(SENDING, self.function(0), 2)
        divider = self.bits("UART0_UARTIBRD") + self.bits("UART0_UARTFBRD") / 64
        self.expect_baud(quotient(self.core_hz / 16, divider))
        self.send(value)

    def read_UART0_UARTFR(self):
        return 0 if "byte" in self.held else 1 << 4

    def read_UART0_UARTDR(self):
        return self.held.pop("byte") | self.held.pop("overrun") << 11

    def receive(self, byte):
        self.expect_bits(RECEIVING, "UART0_UARTCR", 0x201, 0x201)
        self.expect_bits(RECEIVING, self.function(1), 2)
        self._expect_input(RECEIVING, 1)
        self.expect_bits(RECEIVING, "UART0_UARTIMSC", 1 << 6, 1 << 6)
        self.held.update(byte=byte, overrun=int(self.loses))
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
        for place, instruction in enumerate(PROGRAM):
            self.expect_bits(MICROPHONE, f"PIO0_INSTR_MEM{place}", instruction)
        self.expect_bits(MICROPHONE, "PIO0_SM0_EXECCTRL", 2 << 12, 0x3FF << 7)
        rate_hz = quotient(self.core_hz, self.bits("PIO0_SM0_CLKDIV") / 65536) / STEPS / BITS_PER_SAMPLE
        self.expect(MICROPHONE, "sample rate in Hz", rate_hz, SAMPLE_RATE_HZ)
        self.expect_bits(MICROPHONE, "PIO0_SM0_PINCTRL", PINS, PINS_MASK)
        self.expect_bits(MICROPHONE, self.function(CLOCK_PIN), 6)
        self.expect_bits(MICROPHONE, "PIO0_SM0_INSTR", 0xE081)
        self._expect_input(MICROPHONE, DATA_PIN)
        self.expect_bits(MICROPHONE, "PIO0_SM0_SHIFTCTRL", 0x50000, 0x1F50000)
        self.expect_bits(MICROPHONE, "PIO0_CTRL", 1, 1)

    def fill_hop(self, data):
        self._check_program()
        channel = self.held.get("running")
        if channel is None:
            raise MachineError(f"{MICROPHONE}: DMA_CH0_CTRL_TRIG was never written, so no DMA channel runs")
        control = "DMA_CH0_CTRL_TRIG" if channel == 0 else "DMA_CH1_AL1_CTRL"
        self.expect_bits(MICROPHONE, control, CHANNEL, CHANNEL_MASK)
        self.expect_bits(MICROPHONE, f"DMA_CH{channel}_READ_ADDR", QUEUE)
        count = f"DMA_CH{channel}_TRANS_COUNT"
        self.expect(MICROPHONE, count, self.bits(count), len(data) // 4)
        address = self.held.pop(f"DMA_CH{channel}_WRITE_ADDR", None)
        if not address:
            raise MachineError(f"previous hop not taken: DMA_CH{channel}_WRITE_ADDR was not written again")
        self.machine.write_memory(address, data)
        self.held["ended"] = self.bits("ended") | 1 << channel
        self.held["running"] = self.bits(control) >> 11 & 15
        self.expect(MICROPHONE, f"channel that {control} starts next", self.held["running"], 1 - channel)
        self.held["DMA_INTS0"] = self.bits("ended") & self.bits("DMA_INTE0")
        if self.bits("DMA_INTS0"):
            self.machine.interrupt(DMA_INTERRUPT)
