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
from firmware.emulate.chips import start
from firmware.image.board import known_boards
from firmware.image.board_image import link_board
from firmware.progress import progress
from tests.boards import RECIPE

TABLES = "mel", "kws_features_", "data", "kws_commands_6k_model_"
"""What the names of the tables begin with."""
DAMAGED, SOUND = "the model is damaged: flash the image again", "self-test "


def stored(image):
    """The addresses in flash of the tables, one for each byte; a board may run from RAM, where its start copies them to."""
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
        yield from range(begin + moved, begin + moved + size)


class Damaged:
    """A board whose flash is changed while it runs or before it starts."""

    def __init__(self, board, image):
        self.board, self.image, self.machine = board, image, None

    def flip(self, address, bit):
        (byte,) = self.machine.read_memory(address, 1)
        self.machine.write_flash(address, bytes([byte ^ 1 << bit]))

    def answer(self, address, bit, anew=False):
        """What the application says of a changed bit; anew: from the reset vector on."""
        anew = anew or not self.machine
        if anew:
            self.machine = start(self.board, self.image, np.zeros(0, np.int16))
        chip, wanted = self.machine.chip, 1 + anew  # lines; the first of a start is the board's name
        chip.sent.clear()
        self.flip(address, bit)
        self.machine.run(lambda: chip.sent.count(b"\n") >= wanted or chip.hops > 1)
        self.flip(address, bit)
        line = (chip.lines or [""])[-1]
        if line != DAMAGED:
            self.machine = None
        return line


def verdict(line):
    if line == DAMAGED:
        return "refused"
    return "padding" if line.startswith(SOUND) and line.endswith(": ok") else f"said {line!r}"


def damage(board, image, addresses, every=1, anew=False):
    """{(address, bit): verdict} of each every-th bit."""
    damaged = Damaged(board, image)
    bits = [(address, bit) for address in addresses for bit in range(8)][::every]
    return {place: verdict(damaged.answer(*place, anew)) for place in progress(bits, f"damaging {board.name}", "bits")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="nano33ble", choices=known_boards())
    parser.add_argument("--every", type=int, default=1, help="change each N-th bit alone")
    given = parser.parse_args()
    board = known_boards()[given.board]
    with tempfile.TemporaryDirectory() as folder:
        image = link_board(board, [RECIPE], Path(folder))
        found = damage(board, image, list(stored(image)), given.every)
    counted = Counter(found.values())
    wrong = {place: said for place, said in found.items() if said not in ("refused", "padding")}
    padding = {address for (address, _), said in found.items() if said == "padding"}
    if given.every == 1:
        wrong |= {place: said for place, said in found.items() if place[0] in padding and said == "refused"}
    for (address, bit), said in list(wrong.items())[:9]:
        print(f"{address:#010x} bit {bit}: {said}")
    print(
        f"{board.name}: {len(found):,} bits changed: {counted['refused']:,} refused, "
        f"{counted['padding']:,} in {len(padding)} bytes of padding, {len(wrong)} wrong"
    )
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    run_command("damage", main)
