"""What is in an image: its symbols, and the bytes that each object file brought, from the linker's map."""

import re
from dataclasses import dataclass

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS


@dataclass(frozen=True)
class Symbol:
    name: str
    address: int
    size: int
    """0 where it is not said."""
    kind: str
    """nm's letter: t or T for code, lower case for static."""


def symbols(image):
    """The symbols of an image or object file, by address."""
    found = []
    for line in run_compiler([f"{CROSS}nm", "-S", image]).splitlines():
        match = re.fullmatch(r"([0-9a-f]+)(?: ([0-9a-f]+))? (\w) (.+)", line)
        if match:
            address, size, kind, name = match.groups()
            found.append(Symbol(name, int(address, 16), int(size or "0", 16), kind))
    return sorted(found, key=lambda symbol: (symbol.address, -symbol.size))


def function_addresses(image):
    """{name: address} of an image's code."""
    return {symbol.name: symbol.address & ~1 for symbol in symbols(image) if symbol.kind in "tTwW"}


def layer_steps(names):
    """Those of an image's functions that are steps of a kind of layer (layer.h)."""
    return sorted(name for name in names if re.fullmatch(r"kws_\w+_step", name) and name != "kws_network_step")


def linked_sections(image):
    """[(section, bytes, object file)] of all that was linked into an image, by the map that was written beside it."""
    text = image.with_suffix(".map").read_text().split("Linker script and memory map", 1)[1]
    sections = re.findall(r"^ (\.\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", text, flags=re.M)
    return [(section, int(size, 16), file) for section, _, size, file in sections]
