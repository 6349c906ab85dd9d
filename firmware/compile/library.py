"""The C library: its sources, and libkws.a for a core."""

from pathlib import Path

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS, CROSS_FLAGS
from firmware.paths import LIBRARY

WARNINGS = (
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wshadow",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Werror",
)
FRONTEND_SOURCES = (
    "frontend.c",
    "gate.c",
    "window.c",
    "fft.c",
    "power.c",
    "mel.c",
    "log.c",
    "sensor.c",
    "tables.c",
)
HOST_SOURCES = tuple(sorted(source.name for source in LIBRARY.glob("*.c")))
LIBRARY_SOURCES = (*HOST_SOURCES, *sorted(source.name for source in LIBRARY.glob("*.S")))


def build_library(core, folder, options=(), compiler=(f"{CROSS}gcc",)):
    """libkws.a for a core, whatever the models; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    objects = []
    for name in LIBRARY_SOURCES:
        objects.append(folder / f"{Path(name).stem}.o")
        run_compiler(
            [
                *compiler,
                *core.flags,
                *CROSS_FLAGS,
                *WARNINGS,
                *options,
                f"-I{LIBRARY}",
                "-c",
                "-o",
                objects[-1],
                LIBRARY / name,
            ]
        )
    library = folder / "libkws.a"
    library.unlink(missing_ok=True)
    run_compiler([f"{CROSS}ar", "rcsD", library, *objects])
    return library
