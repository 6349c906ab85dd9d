"""What the boards' images write to registers until the microphone runs: the golden files beside this.

python -m tests.boards      writes them anew, by the images of commands-6k
"""

import tempfile
from pathlib import Path

import numpy as np

from firmware.emulate.chips import start
from firmware.image.board import known_boards
from firmware.image.board_image import link_board
from firmware.paths import MODELS, ROOT

RECIPE = MODELS / "commands-6k"
LATEST_HOPS = 500


def golden(board):
    return ROOT / "tests" / "boards" / f"{board.name}.registers"


def started(board, image, pcm=np.zeros(0, np.int16)):
    """A machine whose microphone has run for one hop."""
    machine = start(board, image, pcm)
    machine.run(lambda: machine.chip.hops == 1)
    return machine


class Console:
    """A machine's serial port, spoken to as tests/netduinoplus2.py does; the machine runs only while it is asked to."""

    def __init__(self, machine):
        self._machine, self._chip, self._read = machine, machine.chip, len(machine.chip.lines)

    def send(self, *lines):
        self._chip.type("".join(f"{line}\n" for line in lines))

    def hear(self, hops):
        end = self._chip.hops + hops
        self._machine.run(lambda: self._chip.hops >= end)

    def until(self, start):
        """The lines up to the first that starts so, that one included; an answer is at most LATEST_HOPS late."""
        latest = self._chip.hops + LATEST_HOPS
        self._machine.run(lambda: self._place(start) or self._chip.hops >= latest)
        found = self._chip.lines[self._read : self._place(start)]
        self._read += len(found)
        return found

    def _place(self, start):
        """Behind the first line that starts so and was not read."""
        for place, line in enumerate(self._chip.lines[self._read :], self._read + 1):
            if line.startswith(start):
                return place


def main():
    for board in known_boards().values():
        with tempfile.TemporaryDirectory() as folder:
            machine = started(board, link_board(board, [RECIPE], Path(folder)))
        golden(board).write_text("\n".join(machine.chip.log) + "\n")
        print(f"{golden(board)}: {len(machine.chip.log)} writes")
