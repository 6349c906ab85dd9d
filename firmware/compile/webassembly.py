"""The C library and a model as WebAssembly, by the compiler of the package ziglang: the sources that Python calls."""

import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from firmware.compile.compiler import BuildError, run_compiler
from firmware.compile.library import HOST_SOURCES, WARNINGS
from firmware.files import write_whole
from firmware.model_json import c_name
from firmware.paths import HOST, LIBRARY, build_folder

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
    name, sources = c_name(model), [LIBRARY / source for source in HOST_SOURCES]
    sources += [model / "kws_model.c", HOST / "spotter.c"]
    flags = (
        *TARGET,
        *WARNINGS,
        *(f"-Wl,--export={symbol}" for symbol in EXPORTED),
        f"-DHOST_NAME={name}",
        f"-DHOST_ID=KWS_{name.upper()}_ID",
    )
    digest = hashlib.sha256(repr((flags, importlib.metadata.version("ziglang"))).encode())
    for file in [*sources, *sorted(LIBRARY.glob("*.h")), HOST / "spotter.h", model / "kws_model.h"]:
        digest.update(Path(file).read_bytes())
    folder = build_folder() / "page"
    target = folder / f"{digest.hexdigest()[:16]}.wasm"
    if not target.exists():
        caches = {f"ZIG_{kind}_CACHE_DIR": str(folder / "zig") for kind in ("LOCAL", "GLOBAL")}
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / "kws.wasm"
            command = [
                sys.executable,
                "-m",
                "ziglang",
                "cc",
                *flags,
                f"-I{LIBRARY}",
                f"-I{model}",
                "-o",
                made,
                *sources,
            ]
            run_compiler(command, environment={**os.environ, **caches})
            write_whole(target, made.read_bytes())
    return target.read_bytes()
