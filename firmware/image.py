"""Images of the application: the same C for every board, and one folder of C for the board."""

from dataclasses import replace

from firmware.build import CORES, build_image
from firmware.paths import APPLICATION, BOARDS
from firmware.selftest import write_headers

SOURCES = tuple(sorted(source.name for source in APPLICATION.glob("*.c") if source.name not in ("main.c", "line.c")))
"""What is linked beside main.c and beside line.c, which every image has."""

NETDUINOPLUS2 = replace(
    CORES["m4"], name="netduinoplus2", machine="netduinoplus2", flash_origin=0x08000000, flash_kb=1024, ram_kb=128
)
"""QEMU's machine with a serial port, an STM32F405; the emulated cores have none that hears."""


def build_application(board, model, folder, options=()):
    """The application's image for an emulated board with the model in a folder; returns its path."""
    write_headers(model, folder)
    return build_image(
        board,
        model,
        APPLICATION / "main.c",
        folder,
        (*options, f"-I{folder}"),
        [BOARDS / board.name / "board.c", *(APPLICATION / name for name in SOURCES), model / "kws_model.c"],
    )
