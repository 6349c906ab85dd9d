"""Flash and RAM that the library and its model take in an image, from the image itself."""

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS, CROSS_FLAGS
from firmware.cost.elf import linked_sections, symbols
from firmware.cost.stack import deepest_path, path_bytes
from firmware.paths import COST, LIBRARY

FLASH = (".text", ".rodata")


def flash_bytes(image):
    """{code, tables, model}: the library's functions, its tables.c, and kws_model with its arrays; what is linked of each.

    Alignment between sections is not in it, nor what the compiler's own libraries add (memcpy, long products).
    """
    sections = [entry for entry in linked_sections(image) if entry[0].startswith(FLASH)]
    models = {file for section, _, file in sections if section == ".rodata.kws_model"}
    tables = {file for _, _, file in sections if file.endswith("libkws.a(tables.o)")}
    library = {file for _, _, file in sections if "libkws.a(" in file} - tables
    parts = {"code": library, "tables": tables, "model": models}
    return {part: sum(size for _, size, file in sections if file in files) for part, files in parts.items()}


def ram_bytes(core, model, image):
    """{state, scratch, stack}: struct kws without its scratch, the scratch, and the most stack of kws_hop."""
    probe = image.with_name("sizes.o")
    include = [f"-I{folder}" for folder in (LIBRARY, model)]
    run_compiler([f"{CROSS}gcc", *core.flags, *CROSS_FLAGS, *include, "-c", "-o", probe, COST / "sizes.c"])
    size = {symbol.name: symbol.size for symbol in symbols(probe)}
    return {
        "state": size["whole"] - size["scratch"],
        "scratch": size["scratch"],
        "stack": path_bytes(deepest_path(image)),
    }
