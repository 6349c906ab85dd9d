"""Compilers beside those that `make setup` installs, and a core beside those that images are built for."""

import os
import shutil
from pathlib import Path

import pytest

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS, Core

M23 = Core("m23", ("-mcpu=cortex-m23",), "mps2-an505", flash_origin=0x10000000, ram_kb=32)


def need(tool):
    """The path of a compiler; a skip where it is not installed, a failure where ALL_DATA says that nothing is missing."""
    if not shutil.which(tool):
        message = f"{tool} is not installed"
        pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
    return tool


def newlib_headers():
    """The folder of the Arm compiler's C library, for clang, which has none for a bare core."""
    return Path(run_compiler([f"{CROSS}gcc", "-print-file-name=libc.a"]).strip()).parent.parent / "include"


def clang_for_cores():
    """clang as a compiler for Cortex-M, with enums as the Arm compiler has them."""
    return [
        need("clang"),
        "--target=arm-none-eabi",
        "-fshort-enums",
        "-Qunused-arguments",
        "-isystem",
        newlib_headers(),
    ]
