"""ELF images: the library, a program and a model, linked for a core by a generated linker script."""

import shutil
from pathlib import Path

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS, CROSS_FLAGS
from firmware.compile.library import WARNINGS, build_library
from firmware.files import whole_folder
from firmware.image.models_c import require_one_input, write_models
from firmware.paths import APPLICATION, BOARDS, EMULATED, LIBRARY, build_folder
from firmware.recipes import model_folders_told


def write_linker_script(folder, memory, code="FLASH"):
    """Write image.ld, the linker script of an image, into a folder; returns its path.

    memory: {region: range of addresses}, with FLASH, RAM and, for the RP2040's boot block, BOOT.  code: the region that the
    program runs in.
    """
    regions = "".join(
        f"    {name} ({'rwx' if name == 'RAM' else 'rx'}) : ORIGIN = {region.start:#010x}, LENGTH = {len(region)}\n"
        for name, region in memory.items()
    )
    boot = "INCLUDE boot_block.ld\n" if "BOOT" in memory else ""
    script = folder / "image.ld"
    script.write_text(f'MEMORY\n{{\n{regions}}}\nREGION_ALIAS("CODE", {code})\n{boot}INCLUDE sections.ld\n')
    return script


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


def build_image(core, program, folder, models=(), options=(), sources=(), compiler=(f"{CROSS}gcc",)):
    """An ELF image for an emulated core, the linker's map beside it; returns its path.

    program: a C file.  models: folders of exported models, each with kws_model.h.  sources: more C files to link.
    options: of the compiler, for program and library alike; with -fstack-usage the frames of both are beside the image.
    compiler: of the library alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = build_library(core, options, compiler)
    for frames in library.parent.glob("*.su"):
        shutil.copy(frames, folder)
    script = write_linker_script(folder, core.memory)
    started = [program, BOARDS / "startup.c", EMULATED / "semihosting.c", *sources]
    if models:
        started += [*(APPLICATION / name for name in ("line.c", "listeners.c")), *write_models(models, folder)]
    include = (LIBRARY, APPLICATION, BOARDS, EMULATED, folder)
    return link_image(core, folder / f"{Path(program).stem}.elf", script, [*started, library], include, options)


def build_spotter(recipes, core):
    """The image that hears a recording, for the exported models of recipes."""
    models = model_folders_told(recipes, f"building for {core.name} with")
    require_one_input(models)
    folder = image_folder(recipes, core.name)
    with whole_folder(folder) as made:
        image = build_image(core, EMULATED / "spotter.c", made, models)
    return folder / image.name


def image_folder(recipes, name):
    """Where the image of recipes for a core or board of this name is."""
    return build_folder() / "+".join(recipes) / name
