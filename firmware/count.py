"""Counts instructions executed on an emulated core between count_begin() and count_end() of a program.

Instructions, not cycles: an emulator knows neither pipelines nor wait states.
"""

import tempfile
from pathlib import Path

from firmware.build import CROSS, build_host, run_compiler
from firmware.emulate import run_image
from firmware.paths import PORTS


def _address(image, symbol):
    for line in run_compiler([f"{CROSS}nm", image]).splitlines():
        address, _, name = line.split(maxsplit=2)
        if name == symbol:
            return int(address, 16) & ~1
    raise ValueError(f"{image}: has no symbol {symbol}; the program must call it")


def count_instructions(core, image):
    """Instructions of each interval of an image's run, in order; the call of count_end itself is not in it."""
    plugin = build_host([PORTS / "qemu" / "count_plugin.c"], [])
    begin, end = _address(image, "count_begin"), _address(image, "count_end")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "counts"
        run_image(core, image, qemu_options=("-plugin", f"{plugin},begin={begin:#x},end={end:#x},output={output}"))
        return [int(line) for line in output.read_text().split()]
