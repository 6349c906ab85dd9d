"""Images of the application: the same C for every board, and one folder of C for the board."""

from elftools.elf.elffile import ELFFile

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS
from firmware.compile.library import build_library
from firmware.files import whole_folder, write_whole
from firmware.image.boot_block import seal
from firmware.image.core_image import image_folder, link_image, write_linker_script
from firmware.image.models_c import write_models
from firmware.image.selftest import write_selftest
from firmware.image.uf2 import uf2
from firmware.model_json import read_model_json
from firmware.paths import APPLICATION, BOARDS, LIBRARY
from firmware.recipes import model_folders_told
from firmware.sensor import Sensor

SOURCES = tuple(sorted(source.name for source in APPLICATION.glob("*.c")))

SHARED = tuple(BOARDS / name for name in ("startup.c", "halt.c", "wait.c", "received.c", "dc_removal.c"))
"""What every board is linked with beside its own sources."""


RAM = range(0x20000000, 0x40000000)
"""Of every Cortex-M (Arm DDI 0403, section B3.1)."""


def flash_and_ram_bytes(image):
    """What an image stores, and what it takes of the RAM at run time, be it data or code; without the stack."""
    with open(image, "rb") as file:
        segments = list(ELFFile(file).iter_segments("PT_LOAD"))
        return (
            sum(segment["p_filesz"] for segment in segments),
            sum(segment["p_memsz"] for segment in segments if segment["p_vaddr"] in RAM),
        )


def build_board(recipes, board):
    """The application for a board with the exported models of recipes: .elf, which it returns, .bin, .hex, .uf2 for a drive."""
    models = model_folders_told(recipes, f"building for {board.name} with")
    folder = image_folder(recipes, board.name)
    with whole_folder(folder) as made:
        image = link_board(board, models, made)
    return folder / image.name


def link_board(board, models, folder):
    """The application for a board with the models in folders, written into another folder."""
    for model in models:
        if isinstance(read_model_json(model).frontend, Sensor):
            raise ValueError(
                f"{model}: hears a sensor, and the boards' application a microphone: call the library yourself"
            )
    library = build_library(board.core, board.options)
    write_selftest(models, folder)
    image = link_image(
        board.core,
        folder / "application.elf",
        write_linker_script(folder, board.memory, board.code),
        [
            *(APPLICATION / name for name in SOURCES),
            *SHARED,
            *board.sources,
            *write_models(models, folder),
            library,
        ],
        (LIBRARY, APPLICATION, BOARDS, folder),
        board.options,
    )
    if "BOOT" in board.memory:
        seal(image)
    for suffix, form in ((".bin", "binary"), (".hex", "ihex")):
        run_compiler([f"{CROSS}objcopy", "-O", form, image, image.with_suffix(suffix)])
    if board.flashed_by == "uf2":
        start = min(region.start for region in board.memory.values())
        write_whole(image.with_suffix(".uf2"), uf2(image.with_suffix(".bin").read_bytes(), start))
    return image
