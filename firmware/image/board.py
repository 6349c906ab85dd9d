"""The boards: each a folder in firmware/boards with board.toml, board.c and registers.h (docs/boards.md)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from firmware.compile.cores import CORES, Core
from firmware.files import Record, first_problem, parse_toml
from firmware.paths import APPLICATION, BOARDS

BAUD = int(re.search(r"^#define BOARD_BAUD (\d+)u$", (APPLICATION / "board.h").read_text(), flags=re.M)[1])
"""The rate of every board's serial port: BOARD_BAUD of application/board.h."""


class Region(Record):
    """A region of memory; origin: its first address."""

    origin: int = Field(ge=0, lt=2**32)
    bytes: int = Field(gt=0, le=2**32)


class BoardToml(Record):
    """board.toml, key by key; Board says what the keys are."""

    core: Literal[tuple(CORES)]
    chip: str
    code: str = "FLASH"
    shared: list[str]
    options: list[str] = []
    flashed_by: Literal["probe", "uf2", "bossac"]
    usb: list[Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")]] = Field(min_length=1)
    memory: dict[str, Region]

    @model_validator(mode="after")
    def has_the_regions_of_a_program(self):
        for region in ("FLASH", "RAM", self.code):
            if region not in self.memory:
                raise ValueError(f"memory: lacks {region}")
        return self


@dataclass(frozen=True)
class Board:
    """A board, as its board.toml says."""

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
    """The Board of a board.toml; ValueError naming the file and the key that is wrong."""
    try:
        table = BoardToml.model_validate(parse_toml(path.read_bytes(), path))
    except ValidationError as error:
        raise ValueError(f"{path}: {first_problem(error)}") from None
    return Board(
        name=path.parent.name,
        core=CORES[table.core],
        chip=table.chip,
        memory={name: range(region.origin, region.origin + region.bytes) for name, region in table.memory.items()},
        code=table.code,
        sources=(path.parent / "board.c", *(BOARDS / name for name in table.shared)),
        options=tuple(table.options),
        flashed_by=table.flashed_by,
        usb=tuple(table.usb),
    )
