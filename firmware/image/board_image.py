"""Images of the application: the same C for every board, and one folder of C for the board."""

from elftools.elf.elffile import ELFFile

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS
from firmware.compile.library import build_library
from firmware.files import whole_folder, write_whole
from firmware.image.boot_block import seal
from firmware.image.core_image import link_image
from firmware.image.selftest import write_headers
from firmware.image.uf2 import uf2
from firmware.paths import APPLICATION, BOARDS, LIBRARY, build_folder
from firmware.recipes import model_folder_told

SOURCES = tuple(sorted(source.name for source in APPLICATION.glob("*.c") if source.name not in ("main.c", "line.c")))
"""What is linked beside main.c and beside line.c, which every image has."""

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


def build_board(recipe, board):
    """The application for a board with a recipe's exported model: .elf, .bin, .hex, and .uf2 for a drive; returns the .elf."""
    model, folder = model_folder_told(recipe, f"building for {board.name} with"), build_folder() / recipe / board.name
    with whole_folder(folder) as made:
        image = link_board(board, model, made)
    return folder / image.name


def link_board(board, model, folder):
    """The application for a board with the model in a folder, written into another folder."""
    library = build_library(board.core, model, folder, board.options)
    write_headers(model, folder)
    image = link_image(
        board.core,
        folder / "application.elf",
        board.folder / "image.ld",
        [
            *(APPLICATION / name for name in ("main.c", "line.c", *SOURCES)),
            *SHARED,
            *board.sources,
            model / "kws_model.c",
            library,
        ],
        (LIBRARY, APPLICATION, BOARDS, model, folder),
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
