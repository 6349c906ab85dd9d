"""A bound on the stack of a function and everything it calls, by static analysis of the image.

A function's frame is the larger of two numbers: the frame that the compiler states (-fstack-usage), and the sum of all
pushes in its disassembly, on any path.  newlib and libgcc have the sum alone.  The call graph comes from the disassembly;
a branch out of a function counts as a call, although it may have released its frame.  So the bound is never too low,
and at most a frame or two too high (tests/test_cost.py measures it).

The disassembly is objdump's text: capstone 5 does not know Helium, the vector instructions of the M55.
"""

import re
from dataclasses import dataclass, field

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS
from firmware.cost.elf import symbols

POINTERS = {
    "kws_hop": r"kws_\w+_step",
    "kws_anomaly_hop": r"kws_\w+_step",
    "kws_run_layers": r"kws_\w+_step",
    "kws_frontend_hop": r"kws_hop_\w+",
    "listeners_hop": "remember|report|kws_hop|kws_anomaly_hop",
    "hear_together": "remember|report|kws_hop|kws_anomaly_hop",
    "selftest_run": "kws_hop|kws_anomaly_hop",
}
"""Who may call through a pointer, and the names of what it then calls: any of them that is linked."""

INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(\S+)\s*([^@;]*)")
CONDITION = "(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
CALL = re.compile(rf"blx?{CONDITION}$")
BRANCH = re.compile(rf"(b{CONDITION}|cbz|cbnz)(\.[nw])?$")
REGISTER_BYTES = {"r": 4, "s": 4, "d": 8, "q": 16}
CORE_REGISTERS = {"sb", "sl", "fp", "ip", "lr", "pc"}
"""Core registers with names instead of numbers."""


class StackError(ValueError):
    """The stack cannot be bounded; the message names the function."""


@dataclass
class Function:
    name: str
    begin: int
    end: int
    pushed: int = 0  # bytes, sum of all pushes
    moves: str = ""  # the first instruction that changes the stack pointer by an unknown amount
    calls: set = field(default_factory=set)  # addresses
    indirect: str = ""  # the last call through a register


def registers_bytes(text):
    """Bytes of a register list: {r4, r5, lr} or {d8-d15}."""
    total = 0
    for name in re.sub(r"[{}\s]", "", text).split(","):
        first, _, last = name.partition("-")
        count = int(last[1:]) - int(first[1:]) + 1 if last else 1
        total += count * (4 if first in CORE_REGISTERS else REGISTER_BYTES[first[0]])
    return total


def stack_effect(mnemonic, operands):
    """Bytes by which an instruction lowers the stack pointer; None if unknown."""
    name = mnemonic.split(".")[0]
    if name in ("push", "vpush"):
        return registers_bytes(operands)
    if name in ("stmdb", "vstmdb", "stmfd") and operands.startswith("sp!,"):
        return registers_bytes(operands.split(",", 1)[1])
    store = re.search(r"\[sp, #-(\d+)\]!", operands)
    if store:
        return int(store[1])
    if name in ("sub", "subw", "subs") and re.match(r"sp,", operands):
        lowered = re.fullmatch(r"sp, (?:sp, )?#(\d+)\s*", operands)
        return int(lowered[1]) if lowered else None
    if name in ("add", "addw", "adds") and re.match(r"sp,", operands):
        return 0 if re.fullmatch(r"sp, (?:sp, )?#\d+\s*", operands) else None
    return None if re.match(r"sp,", operands) and name in ("mov", "movs", "ldr", "bic", "and") else 0


def functions_of(image):
    """The Functions of an image, by address; a symbol inside another function is part of it."""
    code = [symbol for symbol in symbols(image) if symbol.is_function]
    found = []
    for place, symbol in enumerate(code):
        begin = symbol.address
        following = next((other.address for other in code[place + 1 :] if other.address > begin), 1 << 32)
        if not found or begin >= found[-1].end:
            found.append(Function(symbol.name, begin, begin + symbol.size if symbol.size else following))
    return found


def read_code(image):
    """{address: Function} of an image, with stack use and calls from its disassembly."""
    functions, place, popped = functions_of(image), 0, ""
    for line in run_compiler([f"{CROSS}objdump", "-d", "--no-show-raw-insn", image]).splitlines():
        match = INSTRUCTION.match(line)
        if not match:
            continue
        address, mnemonic, operands = int(match[1], 16), match[2], match[3].strip()
        while place < len(functions) and address >= functions[place].end:
            place += 1
        if place == len(functions) or address < functions[place].begin:
            continue
        here, text = functions[place], f"{mnemonic} {operands}"
        effect = stack_effect(mnemonic, operands)
        here.pushed += effect or 0
        here.moves = here.moves or (text if effect is None else "")
        target = re.search(r"(?:^|, )([0-9a-f]+) <", operands)
        if target and (CALL.match(mnemonic) or BRANCH.match(mnemonic)):
            if CALL.match(mnemonic) or not here.begin <= int(target[1], 16) < here.end:
                here.calls.add(int(target[1], 16))
        elif mnemonic.startswith(("blx", "bx")) and operands not in ("lr", popped):
            here.indirect = text
        if mnemonic == "pop":
            popped = operands.strip("{}")  # Thumb-1 returns by `pop {r3}; add sp, #8; bx r3`
        elif not text.startswith("add sp,"):
            popped = ""
    return {function.begin: function for function in functions}


def stated_frames(folder):
    """{function: (bytes, kind)} as the compiler stated for the objects in a folder; of one name the largest."""
    stated = {}
    for file in sorted(folder.glob("*.su")):
        for line in file.read_text().splitlines():
            place, size, kind = line.split("\t")
            name = place.rsplit(":", 1)[1]
            stated[name] = max(stated.get(name, (0, "")), (int(size), kind))
    return stated


def frame_of(function, stated):
    """Bytes of a function's own frame."""
    size, kind = stated.get(function.name, (0, None))
    if kind not in (None, "static"):
        raise StackError(f"{function.name}: the compiler says that its frame is {kind}")
    if kind is None and function.moves:
        raise StackError(
            f"{function.name}: `{function.moves}` moves the stack pointer by an unknown amount, and the compiler states no frame"
        )
    return max(size, function.pushed)


def deepest_path(image, root):
    """[(function, bytes of its frame)] from root down to where the stack is deepest.

    The image must be built with -fstack-usage.  StackError for recursion, a frame of unknown size, a call to no known
    function, and a call through a pointer in a function that is not in POINTERS.
    """
    code, stated = read_code(image), stated_frames(image.parent)
    begins = {function.name: begin for begin, function in code.items()}
    known = {}

    def path_from(begin, above):
        if begin not in code:
            raise StackError(f"{above[-1]}: calls {begin:#x}, where no function begins")
        function = code[begin]
        if function.name in above:
            raise StackError(f"{function.name}: recursion ({' > '.join((*above, function.name))})")
        if begin not in known:
            if function.indirect and function.name not in POINTERS:
                raise StackError(f"{function.name}: calls through a pointer (`{function.indirect}`)")
            pointed = POINTERS[function.name] if function.indirect else "(?!)"
            callees = {*function.calls, *(place for name, place in begins.items() if re.fullmatch(pointed, name))}
            paths = [path_from(callee, (*above, function.name)) for callee in sorted(callees)]
            deepest = max(paths, key=path_bytes, default=[])
            known[begin] = [(function.name, frame_of(function, stated)), *deepest]
        return known[begin]

    if root not in begins:
        raise StackError(f"{image}: no function {root} in it")
    return path_from(begins[root], ())


def path_bytes(path):
    return sum(size for _, size in path)
