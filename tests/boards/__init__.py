"""What the boards' images write to registers until the microphone runs: the golden files beside this.

python -m tests.boards      writes them anew, by the images of commands-6k
"""

import tempfile
from pathlib import Path

import numpy as np

from firmware.board import boards
from firmware.chips import start
from firmware.image import link_board
from firmware.paths import MODELS, ROOT

RECIPE = MODELS / "commands-6k"


def golden(board):
    return ROOT / "tests" / "boards" / f"{board.name}.registers"


def started(board, image, pcm=np.zeros(0, np.int16)):
    """A machine whose microphone has run for one hop."""
    machine = start(board, image, pcm)
    machine.run(lambda: machine.chip.hops == 1)
    return machine


def main():
    for board in boards().values():
        with tempfile.TemporaryDirectory() as folder:
            machine = started(board, link_board(board, RECIPE, Path(folder)))
        golden(board).write_text("\n".join(machine.chip.log) + "\n")
        print(f"{golden(board)}: {len(machine.chip.log)} writes")
