"""A Cortex-M core in Unicorn with a board's memory; the peripherals are a Chip (chip.py).

Unicorn has neither an interrupt controller nor time.  An interrupt is entered here, with the architecture's stack frame:
when the core sleeps, or when it sends a byte or reads a clock and an event is due.
"""

import struct

from elftools.elf.elffile import ELFFile
from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_CODE,
    UC_MODE_MCLASS,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
)
from unicorn import arm_const as arm

from firmware.command import Failure
from firmware.emulate.chips.registers import read_registers

MODELS = {"m0plus": arm.UC_CPU_ARM_CORTEX_M0, "m4": arm.UC_CPU_ARM_CORTEX_M4}
FRAME = (
    *(arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3),
    *(arm.UC_ARM_REG_R12, arm.UC_ARM_REG_LR, arm.UC_ARM_REG_PC, arm.UC_ARM_REG_XPSR),
)
THREAD_RETURN = 0xFFFFFFF9
"""EXC_RETURN: to thread mode, main stack."""
WFE, WFI = b"\x20\xbf", b"\x30\xbf"
FIRST_INTERRUPT = 16
IF_THEN = 0x0600FC00
"""Bits of XPSR that hold the state of an IT block; a handler begins with zeros."""
TIME_LIMIT_US = 60_000_000


class MachineError(Failure):
    """The image would not work on the board; the message says what is wrong, the value found and the value expected."""


class Machine:
    def __init__(self, board, image, chip):
        """board: a Board.  image: its application.elf.  chip: the model of its peripherals."""
        self.names = {address: name for name, address in read_registers(board).items()}
        self.memory = board.memory
        self.symbols = {}
        self._pending, self._paused, self._handling, self._fault = [], False, False, None
        self._leaving, self._stopped_at = None, None
        self._core = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._core.ctl_set_cpu_model(MODELS[board.core.name])
        for name, region in sorted(self.memory.items(), key=lambda item: -len(item[1])):
            first, last = region.start & ~0xFFF, -(-region.stop // 4096) * 4096
            rights = UC_PROT_READ | UC_PROT_EXEC | (UC_PROT_WRITE if name == "RAM" else 0)
            if not any(start <= first and last - 1 <= end for start, end, _ in self._core.mem_regions()):
                self._core.mem_map(first, last - first, rights)
        with open(image, "rb") as file:
            elf = ELFFile(file)
            for segment in elf.iter_segments("PT_LOAD"):
                self._core.mem_write(segment["p_paddr"], segment.data())
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                if symbol["st_size"] and symbol["st_info"]["type"] == "STT_OBJECT":
                    self.symbols[symbol.name] = range(symbol["st_value"], symbol["st_value"] + symbol["st_size"])
        self.chip = chip
        chip.attach(self)
        for start, size in chip.windows:
            self._core.mmio_map(start, size, self._read, start, self._write, start)
        self.vectors = self.memory["FLASH"].start
        self._pc = chip.reset_address()

    def start_by_vectors(self):
        """A reset: load the stack pointer from the vector table and return the address of the reset handler."""
        stack, reset = struct.unpack("<2I", self.read_memory(self.vectors, 8))
        self._core.reg_write(arm.UC_ARM_REG_SP, stack)
        return reset

    def read_memory(self, address, size):
        return bytes(self._core.mem_read(address, size))

    def write_memory(self, address, data):
        """A DMA's write; MachineError outside of RAM."""
        ram = self.memory["RAM"]
        if address not in ram or address + len(data) > ram.stop:
            place = f"{address:#010x}, outside of RAM ({ram.start:#010x} to {ram.stop:#010x})"
            raise MachineError(f"DMA writes {len(data)} bytes to {place}")
        self._core.mem_write(address, data)

    def write_flash(self, address, data):
        """Change what is stored, as wear or radiation does; the program cannot."""
        self._core.mem_write(address, data)

    def interrupt(self, number):
        """Request an interrupt; it is entered when the core sleeps or is paused."""
        if number not in self._pending:
            self._pending.append(number)

    def pause(self):
        """Stop the core before its current instruction, so that time passes; not in a handler, which nothing interrupts."""
        if not self._handling:
            self._paused = True
            self._core.emu_stop()

    def run(self, until):
        """Run the image until until() is true; it is called whenever time is to pass."""
        while not until():
            self._execute(self._pc, 0xFFFFFFFE)
            busy_until = self.chip.cycles if self._pending else self.chip.pass_time()
            self._enter_interrupts()
            self.chip.cycles = max(self.chip.cycles, busy_until)

    def stop_at(self, address):
        """Have run_on stop before the instruction at an address; to be called before the first instruction."""
        self._core.hook_add(UC_HOOK_CODE, self._arrive, begin=address, end=address)

    def run_on(self):
        """Run until the program comes to the address of stop_at, or sleeps, without that time passes; whether it came there."""
        self._stopped_at = None
        self._leaving = self._pc
        self._execute(self._pc, 0xFFFFFFFE)
        return self._stopped_at is not None

    def _arrive(self, core, address, *_):
        if self._leaving == address:
            self._leaving = None
            return
        self._stopped_at, self._paused = address, True
        core.emu_stop()

    def hold_up(self, hops):
        """Deliver hops while the program is stopped, as by a debugger or a long interrupt of higher priority."""
        for _ in range(hops):
            self.chip.pass_time()
            self._enter_interrupts()

    def _execute(self, start, end):
        try:
            self._core.emu_start(start | 1, end, timeout=TIME_LIMIT_US)
            asleep = WFI
        except UcError as error:
            if self._fault:
                raise self._fault from None
            asleep, ending = WFE, error  # Unicorn does not know WFE and ends with an error behind it
        if self._fault:
            raise self._fault
        self._pc = self._core.reg_read(arm.UC_ARM_REG_PC)
        if self._paused or end == THREAD_RETURN & ~1 and self._pc == end:
            self._paused = False
            return
        if self.read_memory(self._pc - 2, 2) != asleep:
            reason = ending if asleep == WFE else f"the program does not sleep within {TIME_LIMIT_US // 10**6} s"
            raise MachineError(f"at {self._pc:#010x}: {reason}")

    def _enter_interrupts(self):
        while self._pending and not self._core.reg_read(arm.UC_ARM_REG_PRIMASK):
            number = self._pending.pop(0)
            if not self.chip.is_enabled(number):
                raise MachineError(f"interrupt {number} is requested but not enabled in NVIC_ISER{number // 32}")
            self._enter(number)

    def _enter(self, number):
        core = self._core
        table = self.vectors + 4 * (FIRST_INTERRUPT + number)
        (handler,) = struct.unpack("<I", self.read_memory(table, 4))
        if not handler & 1 or not any(handler in region for region in self.memory.values()):
            raise MachineError(
                f"vector of interrupt {number} at {table:#010x} is {handler:#010x}, expected a handler: an odd address in memory"
            )
        stack = core.reg_read(arm.UC_ARM_REG_SP)
        frame = struct.pack("<8I", *(core.reg_read(register) for register in FRAME))
        lower = (stack - len(frame)) & ~7
        core.mem_write(lower, frame)
        core.reg_write(arm.UC_ARM_REG_SP, lower)
        core.reg_write(arm.UC_ARM_REG_LR, THREAD_RETURN)
        core.reg_write(arm.UC_ARM_REG_XPSR, core.reg_read(arm.UC_ARM_REG_XPSR) & ~IF_THEN)
        self._handling = True
        self._execute(handler & ~1, THREAD_RETURN & ~1)
        self._handling = False
        if self.chip.requests(number):
            raise MachineError(f"interrupt {number} is requested again and again: its handler does not clear the cause")
        for register, value in zip(FRAME, struct.unpack("<8I", self.read_memory(lower, 32)), strict=True):
            core.reg_write(register, value)
        core.reg_write(arm.UC_ARM_REG_SP, stack)
        self._pc = core.reg_read(arm.UC_ARM_REG_PC)

    def _name(self, address, size):
        if address not in self.names or size != 4:
            raise MachineError(f"access to {size} bytes at {address:#010x}, which is no register in registers.h")
        return self.names[address]

    def _read(self, _, offset, size, start):
        try:
            return self.chip.read(self._name(start + offset, size))
        except MachineError as error:
            return self._stop(error)

    def _write(self, _, offset, size, value, start):
        try:
            self.chip.write(self._name(start + offset, size), value)
        except MachineError as error:
            self._stop(error)

    def _stop(self, error):
        pc = self._core.reg_read(arm.UC_ARM_REG_PC)
        self._fault = self._fault or MachineError(f"{error} (pc {pc:#010x})")
        self._core.emu_stop()
        return 0
