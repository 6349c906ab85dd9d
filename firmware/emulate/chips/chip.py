"""What the models of all chips share: registers that hold what was written, the log of writes, the NVIC, the serial port."""

import math

from firmware.emulate.chips.machine import MachineError
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.image.board import BAUD

CORE_WINDOW = (0xE0000000, 0x100000)
LOOK_CYCLES = 1000
BITS_OF_BYTE = 10
"""On a serial line: start, eight, stop."""


class Chip:
    """A chip's model is methods by register: write_NAME(value) and read_NAME(); a register without one holds its value.

    Reading a register that has neither a method, a reset value nor was written is an error: the model does not know it.
    """

    core_hz: float
    windows = (CORE_WINDOW,)
    """(address, size) of where peripherals are."""
    reset = {"DCB_DEMCR": 0, "DWT_CTRL": 0}
    """Of registers that are read before they are written."""
    pointers = ()
    """How the names of registers end that hold an address."""
    unlogged = {"SCB_VTOR"}
    """Written for each byte or each hop: not part of the checklist."""

    def __init__(self, sound, hop_samples):
        """sound: an iterator of hops in the raw form of the board's microphone, bytes."""
        self.hop_samples = hop_samples
        self.loses = False
        """Whether the serial port says of the next byte that one before it was lost."""
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
        """Where the first instruction is."""
        return self.machine.start_by_vectors()

    # --- registers

    def is_on(self, name):
        """Whether a register's peripheral has its clock, and is not held in reset."""
        return True

    def read(self, name):
        self._reach(name)
        if self._is_due():
            self.machine.pause()  # where it reads, which may be done again: the core stops before the instruction
        method = getattr(self, f"read_{name}", None)
        if method:
            return method()
        if name not in self.held:
            raise MachineError(f"{name} is read, and the model has no value for it")
        return self.held[name]

    def write(self, name, value):
        self._reach(name)
        if not self.hops and name not in self.unlogged:
            self.log.append(f"{name} = {self._told(name, value)}")
        self.held[name] = value
        method = getattr(self, f"write_{name}", None)
        if method:
            method(value)

    def _reach(self, name):
        if not self.is_on(name):
            raise MachineError(f"{name}: its peripheral has no clock, or is in reset")

    def _told(self, name, value):
        """A value as the C says it: an address by the name of what lies there."""
        if name.endswith(self.pointers):
            if value in self.machine.names:
                return f"&{self.machine.names[value]}"
            for symbol, place in self.machine.symbols.items():
                if value in place:
                    return f"&{symbol}" + (f" + {value - place.start}" if value > place.start else "")
        return f"0x{value:08x}"

    def expect(self, what, is_so):
        if not is_so:
            raise MachineError(f"the board does not hear: {what}")

    def bits(self, name):
        """What a register holds, 0 where it was never written."""
        return self.held.get(name, 0)

    # --- the core's

    def write_SCB_VTOR(self, value):
        self.expect(f"VTOR is {value:#x}, in the middle of 256 bytes", value % 256 == 0)
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
        self.expect("the cycle counter is off", self.bits("DCB_DEMCR") >> 24 & 1 and self.bits("DWT_CTRL") & 1)
        return int(self.look()) & 0xFFFFFFFF

    # --- time goes on while the core looks at its clock, sends, or sleeps; what else it does takes none

    def look(self):
        """The core's cycles since its start."""
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
        """The core sleeps, or was busy until after what comes now: a received byte, or a hop of sound.

        The first hop is a hop's time after the first sleep.  Returns the time at which the core goes on.
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
        """Bytes for the serial port, one right after the other."""
        begun = max([self.cycles, *(time for time, _ in self._received)])
        self._received += [(begun + (place + 1) * self._byte_cycles, byte) for place, byte in enumerate(text.encode())]

    @property
    def lines(self):
        """Those that are whole."""
        return self.sent.decode("ascii").split("\n")[:-1]
