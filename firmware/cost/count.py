"""Counts instructions executed on an emulated core: of a function, by the functions that it calls.

Instructions, not cycles: an emulator knows neither pipelines nor wait states.
"""

import tempfile
from pathlib import Path

from firmware.compile.shared_object import build_host
from firmware.cost.elf import function_addresses
from firmware.emulate.qemu import run_image
from firmware.paths import COST


def doubled(path):
    """A path as QEMU reads it in an option, where a single comma ends it."""
    return str(path).replace(",", ",,")


def count_calls(core, image, root, functions=(), arguments=()):
    """What each call of a function executes in an image's run: for each a list of (function, instructions).

    The first is the root itself, then one for each visit to one of `functions` below it, in the order of entry; an
    instruction counts for the innermost of them, so a list's sum is all that the root executes.  ValueError names a
    function that is not in the image, or a root that was not called.  A file that arguments name is in the image's folder.
    """
    addresses, names = function_addresses(image), (root, *functions)
    missing = [name for name in names if name not in addresses]
    if missing:
        raise ValueError(f"{image}: no function {', '.join(missing)} in it, which was to be counted")
    plugin = doubled(build_host([COST / "count_plugin.c"], []))
    marks = ",".join(f"function={addresses[name]:#x}" for name in names)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "counts"
        counting = ("-plugin", f"file={plugin},{marks},output={doubled(output)}")
        run_image(core, image, *arguments, folder=Path(image).parent, qemu_options=counting)
        lines = output.read_text().splitlines()
    if not lines:
        raise ValueError(f"{image}: {root} was never called and left")
    visits = [[map(int, visit.split(":")) for visit in line.split()] for line in lines]
    return [[(names[function], instructions) for function, instructions in line] for line in visits]
