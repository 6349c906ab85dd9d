"""Images of one or several recipes' models: of the spotter for the emulated cores, of the application for the boards.

python -m firmware.image "RECIPE ..." [CORE or BOARD ...]     without a name: for every core and every board
"""

import argparse

from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.image.board import known_boards
from firmware.image.board_image import build_board, flash_and_ram_bytes
from firmware.image.core_image import build_spotter
from firmware.recipes import recipe_names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("name", nargs="*", help="of a core or a board; default: every one")
    arguments = parser.parse_args()
    known = known_boards()
    names = [name for name in arguments.name if name]
    unknown = [name for name in names if name not in (*CORES, *known)]
    if unknown:
        raise ValueError(f"no core or board {unknown[0]}; there are {', '.join(CORES)} and {', '.join(known)}")
    recipes = recipe_names(arguments.recipe)
    for name in names or (*CORES, *known):
        image = build_spotter(recipes, CORES[name]) if name in CORES else build_board(recipes, known[name])
        flash, ram = flash_and_ram_bytes(image)
        print(f"{image}: {flash} bytes of flash, {ram} of RAM without the stack")


if __name__ == "__main__":
    run_command("firmware", main)
