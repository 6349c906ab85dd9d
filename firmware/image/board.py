"""The boards: each a folder in firmware/boards with board.toml, board.c and registers.h (docs/boards.md)."""

import re
from dataclasses import dataclass
from pathlib import Path

from firmware.compile.cores import CORES, Core
from firmware.files import parse_toml
from firmware.paths import APPLICATION, BOARDS

BAUD = int(re.search(r"^#define BOARD_BAUD (\d+)u$", (APPLICATION / "board.h").read_text(), flags=re.M)[1])
"""The rate of every board's serial port: BOARD_BAUD of application/board.h."""


@dataclass(frozen=True)
class Board:
    """The content of a board.toml."""

    name: str
    core: Core
    chip: str
    """Its name in pyOCD and in firmware/emulate/chips."""
    memory: dict
    """{region: range of addresses}: FLASH, RAM and, for the RP2040's boot block, BOOT."""
    code: str
    """The region that the program runs in."""
    sources: tuple
    """The board's own C and assembly files, without those of every board."""
    options: tuple
    """Compiler options, such as -DAPPLICATION_CAPTURE=0."""
    flashed_by: str
    """probe, uf2 or bossac."""
    usb: tuple
    """vendor:product of the USB device that receives the program."""

    @property
    def folder(self):
        return BOARDS / self.name


def known_boards():
    """{name: Board} of all boards in the tree."""
    return {path.parent.name: _read(path) for path in sorted(BOARDS.glob("*/board.toml"))}


def board_named(name):
    known = known_boards()
    if name not in known:
        problem = f"no board {name}" if name else "BOARD= is missing"
        raise ValueError(f"{problem}; give one of {', '.join(known)}")
    return known[name]


def _read(path: Path):
    table = parse_toml(path.read_bytes(), path)
    return Board(
        name=path.parent.name,
        core=CORES[table["core"]],
        chip=table["chip"],
        memory={
            name: range(region["origin"], region["origin"] + region["bytes"])
            for name, region in table["memory"].items()
        },
        code=table.get("code", "FLASH"),
        sources=(path.parent / "board.c", *(BOARDS / name for name in table["shared"])),
        options=tuple(table.get("options", ())),
        flashed_by=table["flashed_by"],
        usb=tuple(table["usb"]),
    )
