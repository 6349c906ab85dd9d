"""Base class of the chips' models: registers that hold what was written, a log of writes, the NVIC, a serial port, time."""

import math

from firmware.emulate.chips.machine import MachineError
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.image.board import BAUD

CORE_WINDOW = (0xE0000000, 0x100000)
LOOK_CYCLES = 1000
"""Cycles that pass when the core reads a clock."""
BITS_OF_BYTE = 10
"""On the serial line: start bit, eight data bits, stop bit."""
BAUD_TOLERANCE = 0.01
MICROPHONE, SENDING, RECEIVING = "microphone not running", "serial port not sending", "serial port not receiving"
"""Problems that a check reports."""


class Chip:
    """A chip's peripherals.

    A model defines write_NAME(value) and read_NAME() for registers that do something; any other register holds its value.
    A register that was never written and has neither a reset value nor a read method is unknown: reading it is an error.
    """

    core_hz: float
    windows = (CORE_WINDOW,)
    """(address, size) of the address ranges of peripherals."""
    reset = {"DCB_DEMCR": 0, "DWT_CTRL": 0}
    """Reset values of registers that are read before they are written."""
    pointers = ()
    """Suffixes of the names of registers that hold an address."""
    unlogged = {"SCB_VTOR"}
    """Registers left out of the log: written for each byte or hop."""

    def __init__(self, sound, hop_samples):
        """sound: an iterator of hops in the raw form of the board's microphone, bytes."""
        self.hop_samples = hop_samples
        self.loses = False
        """Whether the serial port reports an overrun with the next byte."""
        self.held = dict(self.reset)
        self.log = []
        self.sent = bytearray()
        self.hops = 0
        self.machine = None
        self._sound = sound
        self._received = []
        self.cycles, self._hop_due = 0, math.inf

    def attach(self, machine):
        self.machine = machine

    def reset_address(self):
        """The address of the first instruction."""
        return self.machine.start_by_vectors()

    # --- registers

    def why_off(self, name):
        """Why a register's peripheral does not work (no clock, held in reset), with the register that decides; "" if it does."""
        return ""

    def read(self, name):
        self._require_on(name)
        if self._is_due():
            self.machine.pause()  # before this instruction; the read is repeated afterwards
        method = getattr(self, f"read_{name}", None)
        if method:
            return method()
        if name not in self.held:
            raise MachineError(f"{name} is read but was never written, and its model has no reset value")
        return self.held[name]

    def write(self, name, value):
        self._require_on(name)
        if not self.hops and name not in self.unlogged:
            self.log.append(f"{name} = {self._value_text(name, value)}")
        self.held[name] = value
        method = getattr(self, f"write_{name}", None)
        if method:
            method(value)

    def _require_on(self, name):
        reason = self.why_off(name)
        if reason:
            raise MachineError(f"{name}: {reason}")

    def _value_text(self, name, value):
        """A value in the log; an address as the name of the register or variable there."""
        if name.endswith(self.pointers):
            if value in self.machine.names:
                return f"&{self.machine.names[value]}"
            for symbol, place in self.machine.symbols.items():
                if value in place:
                    return f"&{symbol}" + (f" + {value - place.start}" if value > place.start else "")
        return f"0x{value:08x}"

    def bits(self, name):
        """The value of a register, 0 if it was never written."""
        return self.held.get(name, 0)

    # --- checks

    def expect(self, problem, what, found, expected):
        """MachineError with both values unless they are equal."""
        if found != expected:
            raise MachineError(f"{problem}: {what} is {found}, expected {expected}")

    def expect_bits(self, problem, register, expected, mask=0xFFFFFFFF):
        """The same for the bits of a register under a mask."""
        field = register if mask == 0xFFFFFFFF else f"{register} & {mask:#x}"
        self.expect(problem, field, f"{self.bits(register) & mask:#x}", f"{expected:#x}")

    def expect_baud(self, found):
        if abs(found / BAUD - 1) >= BAUD_TOLERANCE:
            raise MachineError(f"{SENDING}: baud rate is {found:.0f}, expected {BAUD}")

    # --- core

    def write_SCB_VTOR(self, value):
        self.expect("vector table not aligned", "SCB_VTOR modulo 256", value % 256, 0)
        self.machine.vectors = value

    def write_NVIC_ISER0(self, value):
        self._enable(0, value)

    def write_NVIC_ISER1(self, value):
        self._enable(1, value)

    def write_NVIC_ICER0(self, value):
        self.held["enabled0"] = self.bits("enabled0") & ~value

    def write_NVIC_ICER1(self, value):
        self.held["enabled1"] = self.bits("enabled1") & ~value

    def _enable(self, word, value):
        self.held[f"enabled{word}"] = self.bits(f"enabled{word}") | value

    def is_enabled(self, interrupt):
        return self.bits(f"enabled{interrupt // 32}") >> interrupt % 32 & 1

    def read_DWT_CYCCNT(self):
        self.expect_bits("cycle counter not running", "DCB_DEMCR", 1 << 24, 1 << 24)
        self.expect_bits("cycle counter not running", "DWT_CTRL", 1, 1)
        return int(self.look()) & 0xFFFFFFFF

    # --- time passes only while the core reads a clock, sends, or sleeps

    def look(self):
        """The core reads a clock; returns its cycles since the start."""
        self.cycles += LOOK_CYCLES
        return self.cycles

    def send(self, byte):
        """The core waits until the serial port has sent a byte."""
        self.sent.append(byte & 0xFF)
        self.cycles += self._byte_cycles

    def _is_due(self):
        return min([self._hop_due, *(time for time, _ in self._received[:1])]) <= self.cycles

    @property
    def _byte_cycles(self):
        return BITS_OF_BYTE * self.core_hz / BAUD

    @property
    def _hop_cycles(self):
        return self.hop_samples * self.core_hz / SAMPLE_RATE_HZ

    def pass_time(self):
        """Advance time to the next event, a received byte or a hop of sound, and deliver it.

        The core sleeps, or was busy beyond that time.  The first hop comes one hop's time after the first sleep.
        Returns the time at which the core continues.
        """
        busy_until = self.cycles
        if self._hop_due == math.inf:
            self._hop_due = self.cycles + self._hop_cycles
        if self._received and self._received[0][0] <= self._hop_due:
            self.cycles, byte = self._received.pop(0)
            self.receive(byte)
            self.loses = False
        else:
            self.cycles = self._hop_due
            self.fill_hop(next(self._sound))
            self.hops += 1
            self._hop_due += self._hop_cycles
        return busy_until

    def type(self, text):
        """Bytes for the serial port, back to back."""
        begun = max([self.cycles, *(time for time, _ in self._received)])
        self._received += [(begun + (place + 1) * self._byte_cycles, byte) for place, byte in enumerate(text.encode())]

    @property
    def lines(self):
        """The complete lines that the board has sent."""
        return self.sent.decode("utf-8", "backslashreplace").split("\n")[:-1]


def quotient(dividend, divisor):
    """The quotient, infinite if a register that divides is 0."""
    return dividend / divisor if divisor else math.inf
