"""Damaged flash on an emulated board: python -m tests.boards.damage [--board nano33ble] [--every N]

Each bit of the tables of commands-6k is changed, one at a time.  The application must say that the model is damaged, or do its
self-test as if nothing had happened: then the bit is of padding between arrays, which nothing reads.  Anything else is a failure,
such as a jump to where there is no program.  An application that has refused its model checks it again and again, so most bits
need no new start.
"""

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile

from firmware.command import Failure, run_command
from firmware.cost.elf import function_addresses
from firmware.emulate.chips import start
from firmware.image.board import known_boards
from firmware.image.board_image import link_board
from firmware.progress import progress
from tests.boards import RECIPE

TABLES = "mel", "kws_features_", "data", "kws_commands_6k_model_"
"""What the names of the tables begin with."""
DAMAGED, SOUND = "the model is damaged: flash the image again", "self-test "


def table_bytes(image):
    """The (address in flash, address at run time) of each byte of the tables; a board's start may copy them to RAM."""
    with open(image, "rb") as file:
        elf = ELFFile(file)
        segments = [(part["p_vaddr"], part["p_filesz"], part["p_paddr"]) for part in elf.iter_segments("PT_LOAD")]
        symbols = [
            symbol
            for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            if symbol["st_info"]["type"] == "STT_OBJECT"
            and re.match(rf"({'|'.join(TABLES)})[0-9a-f_ms]*$", symbol.name)
        ]
    if len(symbols) != len(TABLES):
        raise Failure(f"{image}: has not each of {', '.join(TABLES)} once")
    for symbol in symbols:
        begin, size = symbol["st_value"], symbol["st_size"]
        (moved,) = (to - at for at, length, to in segments if at <= begin < at + length)
        yield from ((at + moved, at) for at in range(begin, begin + size))


class Damaged:
    """A board whose flash is changed before it starts, or while it checks its model again and again."""

    def __init__(self, board, image):
        self.board, self.image, self.machine = board, image, None
        self.check = function_addresses(image)["kws_init"]

    def flip(self, address, bit):
        (byte,) = self.machine.read_memory(address, 1)
        self.machine.write_flash(address, bytes([byte ^ 1 << bit]))

    def answer(self, addresses, bit, anew=False):
        """What the application says of a changed bit of a byte; anew: from the reset vector on."""
        stored, read = addresses
        address = stored if anew else read
        begins = anew or not self.machine
        if begins:
            self.machine = start(self.board, self.image, np.zeros(0, np.int16))
            self.machine.stop_at(self.check)
        if begins and not anew:
            self.machine.run_on()
        self.flip(address, bit)
        if anew:
            self.machine.run_on()
        self.machine.chip.sent.clear()
        checks_again = self.machine.run_on()
        self.flip(address, bit)
        lines = self.machine.chip.lines
        if not checks_again:
            self.machine = None
        return lines[0] if lines else ""


def verdict(line):
    if line == DAMAGED:
        return "refused"
    return "padding" if line.startswith(SOUND) and line.endswith(": ok") else f"said {line!r}"


def damage(board, image, addresses, every=1, anew=False):
    """{(addresses, bit): verdict} of each every-th bit of bytes at addresses."""
    damaged = Damaged(board, image)
    bits = [(byte, bit) for byte in addresses for bit in range(8)][::every]
    return {place: verdict(damaged.answer(*place, anew)) for place in progress(bits, f"damaging {board.name}", "bits")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="nano33ble", choices=known_boards())
    parser.add_argument("--every", type=int, default=1, help="change each N-th bit alone")
    given = parser.parse_args()
    board = known_boards()[given.board]
    with tempfile.TemporaryDirectory() as folder:
        image = link_board(board, [RECIPE], Path(folder))
        found = damage(board, image, list(table_bytes(image)), given.every)
    counted = Counter(found.values())
    wrong = {place: said for place, said in found.items() if said not in ("refused", "padding")}
    padding = {byte for (byte, _), said in found.items() if said == "padding"}
    if given.every == 1:
        wrong |= {place: said for place, said in found.items() if place[0] in padding and said == "refused"}
    for ((_, address), bit), said in list(wrong.items())[:9]:
        print(f"{address:#010x} bit {bit}: {said}")
    print(
        f"{board.name}: {len(found):,} bits changed: {counted['refused']:,} refused, "
        f"{counted['padding']:,} in {len(padding)} bytes of padding, {len(wrong)} wrong"
    )
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    run_command("damage", main)
