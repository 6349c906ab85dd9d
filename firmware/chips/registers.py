"""The registers that a board uses, from its C headers."""

import re

from firmware.paths import BOARDS


def read_registers(board):
    """{name: address} of all registers that board.c can name; ValueError where an address has two names."""
    found, waiting, read = {}, [board.folder / "registers.h"], set()
    while waiting:
        header = waiting.pop()
        read.add(header)
        text = header.read_text()
        for name, address in re.findall(r"^#define (\w+) REGISTER\((0x[0-9a-f]{8})\)", text, flags=re.M):
            found.setdefault(int(address, 16), set()).add(name)
        included = {BOARDS / name for name in re.findall(r'^#include "(.+)"', text, flags=re.M)}
        waiting.extend(included - read)
    for address, names in found.items():
        if len(names) > 1:
            raise ValueError(f"{board.name}: the register at {address:#x} has the names {' and '.join(sorted(names))}")
    return {names.pop(): address for address, names in found.items()}
