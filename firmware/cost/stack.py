"""The most stack that a function takes with all that it calls, found without running it.

A function's frame is what the compiler states (-fstack-usage), or, where there is more or nothing stated (newlib and
libgcc), every push of its disassembly added up, whether or not they happen on one path.  The call graph is that of
the disassembly; a branch out of a function counts as a call, on top of the frame that it may have left already.
So the bound is never too low, and too high by a frame or two at most (tests/test_cost.py measures).
"""

import re
from dataclasses import dataclass, field

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS
from firmware.cost.elf import symbols

POINTERS = {
    "kws_network_step": r"kws_(?!network)\w+_step",
    "kws_frontend_hop": r"kws_hop_\w+",
    "listeners_hop": "remember|report",
    "hear_together": "remember|report",
}
"""Who may call through a pointer, and the names of what it then calls: any of them that is linked."""

INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(\S+)\s*([^@;]*)")
CONDITION = "(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
CALL = re.compile(rf"blx?{CONDITION}$")
BRANCH = re.compile(rf"(b{CONDITION}|cbz|cbnz)(\.[nw])?$")
REGISTER_BYTES = {"r": 4, "s": 4, "d": 8, "q": 16}
CORE_REGISTERS = {"sb", "sl", "fp", "ip", "lr", "pc"}
"""Those whose name has no number."""


class StackError(ValueError):
    """The stack cannot be bounded; the message says by which function."""


@dataclass
class Function:
    name: str
    begin: int
    end: int
    pushed: int = 0  # bytes, every push added up
    moves: str = ""  # an instruction after which the stack pointer is not known
    calls: set = field(default_factory=set)  # addresses
    indirect: str = ""  # a call through a register


def registers_bytes(text):
    """Bytes of a register list: {r4, r5, lr} or {d8-d15}."""
    total = 0
    for name in re.sub(r"[{}\s]", "", text).split(","):
        first, _, last = name.partition("-")
        count = int(last[1:]) - int(first[1:]) + 1 if last else 1
        total += count * (4 if first in CORE_REGISTERS else REGISTER_BYTES[first[0]])
    return total


def stack_effect(mnemonic, operands):
    """Bytes by which an instruction lowers the stack pointer; None where that cannot be told."""
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
    """The functions of an image, by address; symbols inside another function are part of it."""
    code = [symbol for symbol in symbols(image) if symbol.kind in "tTwW"]
    found = []
    for place, symbol in enumerate(code):
        begin = symbol.address & ~1
        following = next((other.address for other in code[place + 1 :] if other.address & ~1 > begin), 1 << 32)
        if not found or begin >= found[-1].end:
            found.append(Function(symbol.name, begin, begin + symbol.size if symbol.size else following))
    return found


def read_code(image):
    """{address: Function} of an image, with what its disassembly says of the stack and of calls."""
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
    """{function: (bytes, kind)} that the compiler stated of the objects in a folder, the largest of a name."""
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
            f"{function.name}: moves the stack pointer by `{function.moves}`, and no compiler says how far"
        )
    return max(size, function.pushed)


def deepest_path(image, root):
    """[(function, bytes of its frame)] from root down to where the stack is deepest.

    The image must have been built with -fstack-usage.  StackError where there is recursion, a frame of unknown size,
    a call into the unknown, or a call through a pointer by any but those of POINTERS.
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
