"""The registers of a board, from its C headers."""

import re

from firmware.paths import BOARDS


def read_headers(board):
    """The text of a board's registers.h and all headers that it includes."""
    texts, waiting = {}, [board.folder / "registers.h"]
    while waiting:
        header = waiting.pop()
        texts[header] = header.read_text()
        included = {BOARDS / name for name in re.findall(r'^#include "(.+)"', texts[header], flags=re.M)}
        waiting.extend(included - set(texts))
    return "".join(texts.values())


def read_registers(board):
    """{name: address} of all registers in a board's headers; ValueError if two names have one address."""
    found = {}
    for name, address in re.findall(r"^#define (\w+) REGISTER\((0x[0-9a-f]{8})\)", read_headers(board), flags=re.M):
        found.setdefault(int(address, 16), set()).add(name)
    for address, names in found.items():
        if len(names) > 1:
            raise ValueError(
                f"{board.name}: registers {' and '.join(sorted(names))} have the same address {address:#x}"
            )
    return {names.pop(): address for address, names in found.items()}
