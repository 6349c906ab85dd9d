"""The boards: a folder of firmware/boards each, with board.toml, board.c and registers.h (docs/boards.md)."""

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
    """What board.toml says of a board."""

    name: str
    core: Core
    chip: str
    """As pyOCD and the chips of firmware/emulate/chips call it."""
    memory: dict
    """{region: range of addresses}: FLASH, RAM and, for the RP2040's boot block, BOOT."""
    code: str
    """The region that the program runs in."""
    sources: tuple
    """Of C, beside startup.c and what every board shares."""
    options: tuple
    """Of the compiler, such as -DAPPLICATION_CAPTURE=0."""
    flashed_by: str
    """probe, uf2 or bossac."""
    usb: tuple
    """vendor:product of what takes the program, as it appears on the host."""

    @property
    def folder(self):
        return BOARDS / self.name


def known_boards():
    """{name: Board} of all boards."""
    return {path.parent.name: _read(path) for path in sorted(BOARDS.glob("*/board.toml"))}


def board_named(name):
    known = known_boards()
    if name not in known:
        told = f"no board {name}" if name else "no board is named"
        raise ValueError(f"{told}; give as BOARD= one of {', '.join(known)}")
    return known[name]


def _read(path: Path):
    told = parse_toml(path.read_bytes(), path)
    return Board(
        name=path.parent.name,
        core=CORES[told["core"]],
        chip=told["chip"],
        memory={
            name: range(region["origin"], region["origin"] + region["bytes"]) for name, region in told["memory"].items()
        },
        code=told.get("code", "FLASH"),
        sources=(path.parent / "board.c", *(BOARDS / name for name in told["shared"])),
        options=tuple(told.get("options", ())),
        flashed_by=told["flashed_by"],
        usb=tuple(told["usb"]),
    )
