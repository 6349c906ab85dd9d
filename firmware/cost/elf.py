"""The symbols of an image, and the bytes that each object file contributed to it, from the linker's map."""

import re
from dataclasses import dataclass

from elftools.elf.elffile import ELFFile


@dataclass(frozen=True)
class Symbol:
    name: str
    address: int
    """Without the Thumb bit."""
    size: int
    """Bytes; 0 if the object file states none."""
    is_function: bool


def symbols(image):
    """The defined symbols of an image or object file, by address; mapping symbols ($t, $d), sections and files excluded."""
    with open(image, "rb") as file:
        found = []
        for entry in ELFFile(file).get_section_by_name(".symtab").iter_symbols():
            kind, address = entry["st_info"]["type"], entry["st_value"]
            is_named = entry.name and not entry.name.startswith("$") and kind not in ("STT_SECTION", "STT_FILE")
            if is_named and entry["st_shndx"] != "SHN_UNDEF":
                is_function = kind == "STT_FUNC"
                found.append(
                    Symbol(entry.name, address & ~1 if is_function else address, entry["st_size"], is_function)
                )
    return sorted(found, key=lambda symbol: (symbol.address, -symbol.size, symbol.name))


def function_addresses(image):
    """{name: address} of an image's functions."""
    return {symbol.name: symbol.address for symbol in symbols(image) if symbol.is_function}


def layer_steps(names):
    """The names of functions that are a layer's step (layer.h), sorted."""
    return sorted(name for name in names if re.fullmatch(r"kws_\w+_step", name))


def linked_sections(image):
    """[(section, bytes, object file)] of all that was linked into an image, by the map beside it."""
    text = image.with_suffix(".map").read_text().split("Linker script and memory map", 1)[1]
    sections = re.findall(r"^ (\.\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", text, flags=re.M)
    return [(section, int(size, 16), file) for section, _, size, file in sections]
