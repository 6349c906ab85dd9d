"""The C library: its sources, and libkws.a for a core."""

from firmware.compile.compiler import digest_of, run_compiler, version_of
from firmware.compile.cores import CROSS, CROSS_FLAGS
from firmware.files import whole_folder
from firmware.paths import LIBRARY, build_folder

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
HOST_SOURCES = tuple(sorted(source.name for source in LIBRARY.glob("*.c")))
LIBRARY_SOURCES = (*HOST_SOURCES, *sorted(source.name for source in LIBRARY.glob("*.S")))


def build_library(core, options=(), compiler=(f"{CROSS}gcc",)):
    """libkws.a for a core, whatever the models; returns its path.

    It is kept under BUILD/library by a hash of every input, so an unchanged library is compiled once.  Beside it is what the
    compiler writes, such as the frames of -fstack-usage.
    """
    flags = (*core.flags, *CROSS_FLAGS, *WARNINGS, *options, f"-I{LIBRARY}")
    sources = [LIBRARY / name for name in LIBRARY_SOURCES]
    digest = digest_of((compiler, version_of(tuple(compiler)), flags), sources, [LIBRARY])
    folder = build_folder() / "library" / digest
    if not folder.exists():
        with whole_folder(folder) as made:
            objects = [made / f"{source.stem}.o" for source in sources]
            for source, compiled in zip(sources, objects, strict=True):
                run_compiler([*compiler, *flags, "-c", "-o", compiled, source])
            run_compiler([f"{CROSS}ar", "rcsD", made / "libkws.a", *objects])
    return folder / "libkws.a"
