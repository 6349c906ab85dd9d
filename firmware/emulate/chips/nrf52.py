"""Models of the nRF52833 and nRF52840, by their product specifications: CLOCK, UART, and one microphone each."""

from firmware.emulate.chips.chip import CORE_WINDOW, MICROPHONE, RECEIVING, SENDING, Chip, quotient
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.image.board import BAUD

UART_ENABLED = 4
UART_RATES = {115_200: 0x01D7E000}
UART_INTERRUPT, SAADC_INTERRUPT, PDM_INTERRUPT = 2, 7, 29
INPUT_OFF, OUTPUT = 2, 1


class Nrf52(Chip):
    core_hz = 64_000_000
    windows = (CORE_WINDOW, (0x40000000, 0x20000), (0x50000000, 0x1000))
    pointers = ("_PTR", "_EEP", "_TEP")
    unlogged = Chip.unlogged | {"UART0_TXD", "UART0_EVENTS_TXDRDY"}

    def write_CLOCK_TASKS_HFCLKSTART(self, value):
        self.held["CLOCK_EVENTS_HFCLKSTARTED"] = value

    # --- pins: a pin is its port * 32 + its number

    @staticmethod
    def configuration(pin):
        """The name of a pin's configuration register."""
        return f"P{pin // 32}_PIN_CNF{pin % 32}"

    def drives(self, pin):
        """0 or 1, or None if the pin is no output."""
        is_output = self.bits(self.configuration(pin)) & OUTPUT
        return self.bits(f"high{pin // 32}") >> pin % 32 & 1 if is_output else None

    def expect_high(self, problem, pin):
        self.expect_bits(problem, self.configuration(pin), OUTPUT, OUTPUT)
        self.expect(problem, f"P{pin // 32}.{pin % 32:02} output level", self.drives(pin), 1)

    def write_P0_OUTSET(self, value):
        self.held["high0"] = self.bits("high0") | value

    def write_P1_OUTSET(self, value):
        self.held["high1"] = self.bits("high1") | value

    def write_P0_OUTCLR(self, value):
        self.held["high0"] = self.bits("high0") & ~value

    # --- serial port

    def write_UART0_TXD(self, value):
        self.expect_bits(SENDING, "UART0_ENABLE", UART_ENABLED)
        self.expect_bits(SENDING, "UART0_TASKS_STARTTX", 1)
        self.expect_bits(SENDING, "UART0_BAUDRATE", UART_RATES[BAUD])
        self.expect_high(SENDING, self.bits("UART0_PSEL_TXD"))
        self.held["UART0_EVENTS_TXDRDY"] = 1
        self.send(value)

    def receive(self, byte):
        self.expect_bits(RECEIVING, self.configuration(self.bits("UART0_PSEL_RXD")), 0, OUTPUT | INPUT_OFF)
        self.expect_bits(RECEIVING, "UART0_TASKS_STARTRX", 1)
        self.expect_bits(RECEIVING, "UART0_INTENSET", 4, 4)
        self.held.update(
            UART0_RXD=byte, UART0_EVENTS_RXDRDY=1, UART0_EVENTS_ERROR=self.bits("UART0_EVENTS_ERROR") | int(self.loses)
        )
        self.machine.interrupt(UART_INTERRUPT)

    def requests(self, interrupt):
        events = {
            UART_INTERRUPT: ("UART0", {"RXDRDY": 4}),
            SAADC_INTERRUPT: ("SAADC", {"STARTED": 1, "END": 2}),
            PDM_INTERRUPT: ("PDM", {"STARTED": 1, "END": 4}),
        }
        peripheral, bits = events[interrupt]
        enabled = self.bits(f"{peripheral}_INTENSET")
        return any(enabled & bit and self.bits(f"{peripheral}_EVENTS_{event}") for event, bit in bits.items())

    # --- EasyDMA of a microphone: a start takes the pointer, so the next one can be written at once

    def _start(self, peripheral, pointer, interrupt, words):
        self.held[f"{peripheral}_EVENTS_STARTED"] = 1
        self.held.setdefault(f"{peripheral}_EVENTS_END", 0)
        self._taken = self.bits(pointer)
        self.expect(MICROPHONE, words, self.bits(words), self.hop_samples)
        self._request(peripheral, interrupt, 1)

    def _request(self, peripheral, interrupt, bit):
        if self.bits(f"{peripheral}_INTENSET") & bit:
            self.machine.interrupt(interrupt)

    def _end(self, peripheral, data, interrupt, bit):
        self.machine.write_memory(self._taken, data)
        self.expect_bits("previous hop not taken", f"{peripheral}_EVENTS_END", 0)
        self.held[f"{peripheral}_EVENTS_END"] = 1
        self._request(peripheral, interrupt, bit)


class Nrf52833(Nrf52):
    """The micro:bit's: an analog microphone, sampled by the SAADC, which TIMER0 triggers through the PPI."""

    POWER_PIN = 20

    def write_SAADC_TASKS_START(self, value):
        self.expect_bits(MICROPHONE, "SAADC_ENABLE", 1, 1)
        self._start("SAADC", "SAADC_RESULT_PTR", SAADC_INTERRUPT, "SAADC_RESULT_MAXCNT")

    def _links(self):
        """{event: task} by register name, for the PPI's enabled channels."""
        name = self.machine.names.get
        return {
            name(self.bits(f"PPI_CH{channel}_EEP")): name(self.bits(f"PPI_CH{channel}_TEP"))
            for channel in range(2)
            if self.bits("PPI_CHENSET") >> channel & 1
        }

    def fill_hop(self, data):
        links = self._links()
        self.expect_high(MICROPHONE, self.POWER_PIN)
        self.expect_bits(MICROPHONE, "CLOCK_EVENTS_HFCLKSTARTED", 1)
        self.expect_bits(MICROPHONE, "TIMER0_TASKS_START", 1)
        self.expect_bits(MICROPHONE, "TIMER0_SHORTS", 1, 1)
        rate_hz = quotient(16e6 / 2 ** (self.bits("TIMER0_PRESCALER") & 15), self.bits("TIMER0_CC0"))
        self.expect(MICROPHONE, "sample rate in Hz", rate_hz, SAMPLE_RATE_HZ)
        task = links.get("TIMER0_EVENTS_COMPARE0", "none")
        self.expect(MICROPHONE, "task of TIMER0_EVENTS_COMPARE0 in the PPI", task, "SAADC_TASKS_SAMPLE")
        self.expect_bits(MICROPHONE, "SAADC_CH0_PSELP", 4)
        self.expect_bits(MICROPHONE, "SAADC_RESOLUTION", 2)
        self._end("SAADC", data, SAADC_INTERRUPT, 2)
        if links.get("SAADC_EVENTS_END") == "SAADC_TASKS_START":
            self.write_SAADC_TASKS_START(1)


class Nrf52840(Nrf52):
    """The Nano's: a PDM microphone, whose bits the PDM peripheral converts to samples."""

    CLOCK_PIN, DATA_PIN, POWER_PIN = 26, 25, 17
    CLOCK_HZ = {0x08000000: 1_000_000, 0x08400000: 1_032_258, 0x0A000000: 1_280_000, 0x0A800000: 1_333_333}

    def write_PDM_TASKS_START(self, value):
        self.expect_bits(MICROPHONE, "PDM_ENABLE", 1, 1)
        self._start("PDM", "PDM_SAMPLE_PTR", PDM_INTERRUPT, "PDM_SAMPLE_MAXCNT")

    def fill_hop(self, data):
        self.expect_high(MICROPHONE, self.POWER_PIN)
        self.expect_bits(MICROPHONE, "CLOCK_EVENTS_HFCLKSTARTED", 1)
        self.expect_bits(MICROPHONE, "PDM_PSEL_CLK", self.CLOCK_PIN)
        self.expect_bits(MICROPHONE, self.configuration(self.CLOCK_PIN), OUTPUT, OUTPUT)
        self.expect_bits(MICROPHONE, "PDM_PSEL_DIN", self.DATA_PIN)
        self.expect_bits(MICROPHONE, self.configuration(self.DATA_PIN), 0, OUTPUT | INPUT_OFF)
        rate_hz = self.CLOCK_HZ.get(self.bits("PDM_PDMCLKCTRL"), 0) / (80 if self.bits("PDM_RATIO") else 64)
        self.expect(MICROPHONE, "sample rate in Hz", rate_hz, SAMPLE_RATE_HZ)
        self.expect_bits(MICROPHONE, "PDM_MODE", 1, 1)
        self._end("PDM", data, PDM_INTERRUPT, 4)
        self._start("PDM", "PDM_SAMPLE_PTR", PDM_INTERRUPT, "PDM_SAMPLE_MAXCNT")
