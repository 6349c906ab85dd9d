"""Flash and RAM that the library and its models take in an image, from the image itself."""

import re

from firmware.cost.elf import linked_sections, symbols
from firmware.cost.stack import deepest_path, path_bytes
from firmware.cost.stages import hop_functions
from firmware.generate.mel_bands import FRONTEND_BYTES, features_memory_codes
from firmware.model_json import read_model_json

FLASH = (".text", ".rodata")


def flash_bytes(image):
    """{code, tables, model}: the library's functions, its tables.c, and the models with their arrays; what is linked of each.

    Alignment between sections is not in it, nor what the compiler's own libraries add (memcpy, long products).
    """
    sections = [entry for entry in linked_sections(image) if entry[0].startswith(FLASH)]
    models = {file for section, _, file in sections if re.match(r"\.rodata\.kws_\w+_model_", section)}
    tables = {file for _, _, file in sections if file.endswith("libkws.a(tables.o)")}
    library = {file for _, _, file in sections if "libkws.a(" in file} - tables
    parts = {"code": library, "tables": tables, "model": models}
    return {part: sum(size for _, size, file in sections if file in files) for part, files in parts.items()}


def ram_bytes(models, image):
    """{state, scratch, stack} of the models in folders: their streams and front ends, scratch, the most stack of a hop."""
    sizes = {symbol.name: symbol.size for symbol in symbols(image)}
    streams = sum(size for name, size in sizes.items() if name.startswith(("stream_", "voice_gate_")))
    frontends = dict.fromkeys(read_model_json(model).frontend for model in models)
    held = [frontend_bytes(frontend) for frontend in frontends]
    whole = sum(sizes[f"frontend{place}"] for place in range(len(held)))
    return {
        "state": streams + sum(held),
        "scratch": whole - sum(held),
        "stack": max(path_bytes(deepest_path(image, root)) for root in hop_functions(image)),
    }


def frontend_bytes(frontend):
    """A front end's memory without scratch: its struct, the samples and the features that it keeps."""
    return FRONTEND_BYTES + 2 * features_memory_codes(frontend)
