"""Compiles the C library: for the host as a shared object, for the emulated cores and the boards as images."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from firmware.compiler import host_compiler, run_compiler
from firmware.files import whole_folder, write_whole
from firmware.paths import APPLICATION, BOARDS, LIBRARY, PORTS, build_folder
from firmware.recipes import model_folder_told

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
FRONTEND_SOURCES = ("frontend.c", "window.c", "fft.c", "power.c", "mel.c", "level.c", "tables.c")
HOST_SOURCES = tuple(sorted(source.name for source in LIBRARY.glob("*.c")))
LIBRARY_SOURCES = (*HOST_SOURCES, *sorted(source.name for source in LIBRARY.glob("*.S")))


SHA256_BYTES = 32


@dataclass(frozen=True)
class Core:
    """A Cortex-M core and the QEMU machine that runs its code (docs/emulation.md)."""

    name: str
    flags: tuple
    machine: str
    flash_origin: int = 0x00000000
    flash_kb: int = 4096
    ram_kb: int = 4096


CORES = {
    core.name: core
    for core in (
        Core("m0", ("-mcpu=cortex-m0",), "microbit", flash_kb=256, ram_kb=16),
        Core("m0plus", ("-mcpu=cortex-m0plus",), "mps2-an385"),
        Core("m3", ("-mcpu=cortex-m3",), "mps2-an385"),
        Core("m4", ("-mcpu=cortex-m4", "-mfloat-abi=soft"), "mps2-an386"),
        Core("m7", ("-mcpu=cortex-m7", "-mfloat-abi=soft"), "mps2-an500"),
        Core("m33", ("-mcpu=cortex-m33", "-mfloat-abi=soft"), "mps2-an505", flash_origin=0x10000000, ram_kb=32),
        Core("m55", ("-mcpu=cortex-m55", "-mfloat-abi=hard"), "mps3-an547", flash_kb=512, ram_kb=512),
    )
}
CROSS = "arm-none-eabi-"
CROSS_FLAGS = ("-mthumb", "-O2", "-g", "-ffunction-sections", "-fdata-sections", "-ffreestanding")


def build_host(sources, include):
    """Compile C sources into a shared object for this machine; returns its path.

    It is kept under BUILD/host by a hash of every input, so an unchanged library is built once.
    """
    flags = (*WARNINGS, "-O2", "-g", "-shared", "-fPIC", *(f"-I{folder}" for folder in include))
    digest = hashlib.sha256(repr((host_compiler(), flags)).encode())
    for file in sorted({*sources, *(header for folder in include for header in Path(folder).glob("*.h"))}):
        digest.update(Path(file).read_bytes())
    target = build_folder() / "host" / f"libkws-{digest.hexdigest()[:16]}.so"
    if not is_sealed(target):
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / "libkws.so"
            run_compiler([*host_compiler(), *flags, "-o", made, *sources])
            write_whole(target, sealed(made.read_bytes()))
    return target


def sealed(content):
    """The bytes of a shared object and their SHA-256 behind them, where no loader looks."""
    return content + hashlib.sha256(content).digest()


def is_sealed(path):
    """Whether a file is there and whole: loading a shared object that was cut short ends the process."""
    if not path.exists():
        return False
    content = path.read_bytes()
    return sealed(content[:-SHA256_BYTES]) == content


def build_host_frontend(sources_folder):
    """The front end alone, from a folder with kws_model.h and kws_mel.c."""
    sources = [LIBRARY / name for name in FRONTEND_SOURCES]
    return build_host(
        [*sources, sources_folder / "kws_mel.c", PORTS / "host" / "features.c"], [LIBRARY, sources_folder]
    )


def build_host_spotter(model):
    """The whole library with the model in a folder that holds kws_model.h and kws_model.c."""
    sources = [LIBRARY / name for name in HOST_SOURCES]
    return build_host([*sources, model / "kws_model.c", PORTS / "host" / "spotter.c"], [LIBRARY, model])


def linker_script(core):
    """The memory map of a core's machine, and where the stack begins."""
    return (
        (PORTS / "emulated" / "image.ld.in")
        .read_text()
        .format(flash_origin=core.flash_origin, flash_bytes=core.flash_kb * 1024, ram_bytes=core.ram_kb * 1024)
    )


def build_library(core, model, folder, options=(), compiler=(f"{CROSS}gcc",)):
    """libkws.a for a core with a model's sizes (the model itself is not in it); returns its path."""
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
                f"-I{model}",
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


def link_image(core, image, script, sources, include, options=()):
    """Compile and link sources into an ELF image by a linker script, the linker's map beside it; returns its path."""
    run_compiler(
        [
            f"{CROSS}gcc",
            *core.flags,
            *CROSS_FLAGS,
            *WARNINGS,
            *options,
            *(f"-I{folder}" for folder in include),
            f"-ffile-prefix-map={image.parent}=.",  # the same sources, the same bytes, wherever they are built
            "-nostartfiles",
            "-specs=nano.specs",
            "-Wl,--gc-sections",
            "-Wl,--fatal-warnings",
            f"-Wl,-Map={image.stem}.map",  # a path here would be split at a comma and changed at a %
            f"-L{BOARDS}",
            "-T",
            script,
            "-o",
            image,
            *sources,
        ],
        image.parent,
    )
    return image


def build_image(core, model, program, folder, options=(), sources=None, compiler=(f"{CROSS}gcc",)):
    """An ELF image for an emulated core, the linker's map beside it; returns its path.

    program: a C file.  model: the folder with kws_model.h.  sources: what else is linked, by default kws_model.c
    of that folder.  options: of the compiler, for program and library alike.  compiler: of the library alone.
    """
    library = build_library(core, model, folder, options, compiler)
    script = folder / "image.ld"
    script.write_text(linker_script(core))
    emulated = PORTS / "emulated"
    sources = [model / "kws_model.c"] if sources is None else sources
    started = (program, BOARDS / "startup.c", emulated / "semihosting.c", APPLICATION / "line.c")
    include = (LIBRARY, APPLICATION, BOARDS, emulated, model)
    return link_image(
        core, folder / f"{Path(program).stem}.elf", script, [*started, *sources, library], include, options
    )


def build_spotter(recipe, core):
    """The image that hears a recording, for a recipe's exported model."""
    model, folder = model_folder_told(recipe, f"building for {core.name} with"), build_folder() / recipe / core.name
    with whole_folder(folder) as made:
        image = build_image(core, model, PORTS / "emulated" / "spotter.c", made)
    return folder / image.name
