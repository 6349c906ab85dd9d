"""The C library and a model as WebAssembly, by the compiler of the package ziglang: the sources that Python calls."""

import importlib.util
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from firmware.compile.compiler import BuildError, digest_of, run_compiler
from firmware.compile.library import WARNINGS
from firmware.compile.shared_object import spotter_parts
from firmware.files import write_whole
from firmware.paths import build_folder

EXPORTED = (
    "__heap_base",
    "host_bytes",
    "host_memory_codes",
    "host_init",
    "host_reset",
    "host_threshold",
    "host_set_threshold",
    "host_hear",
)
TARGET = ("-target", "wasm32-wasi", "-mexec-model=reactor", "-O2", "-s")


def build_webassembly(model):
    """The bytes of a WebAssembly module of the whole library with the model in a folder; it imports nothing.

    They are kept under BUILD/page by a hash of every input.
    """
    if not importlib.util.find_spec("ziglang"):
        raise BuildError("the package ziglang is not installed; `make page` installs it")
    sources, include, options = spotter_parts(model)
    exports = (f"-Wl,--export={symbol}" for symbol in EXPORTED)
    flags = (*TARGET, *WARNINGS, *exports, *options, *(f"-I{folder}" for folder in include))
    folder, digest = build_folder() / "page", digest_of((version("ziglang"), flags), sources, include)
    target = folder / f"{digest}.wasm"
    if not target.exists():
        caches = {f"ZIG_{kind}_CACHE_DIR": str(folder / "zig") for kind in ("LOCAL", "GLOBAL")}
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / "kws.wasm"
            command = [sys.executable, "-m", "ziglang", "cc", *flags, "-o", made, *sources]
            run_compiler(command, environment={**os.environ, **caches})
            write_whole(target, made.read_bytes())
    return target.read_bytes()
