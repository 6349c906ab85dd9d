"""A changed bit of a model's tables in flash: the board says so, from its reset vector on, and never runs into nowhere.

`python -m tests.boards.damage` changes every bit.
"""

import pytest

from firmware.image.board import known_boards
from tests.boards.damage import DAMAGED, Damaged, damage, table_bytes

ALL = known_boards()
EVERY = 3989
"""Bits between two that are changed, so that all eight of a byte have their turn."""


@pytest.mark.parametrize("board", ALL.values(), ids=ALL)
def test_a_changed_bit_is_told_from_the_reset_vector_on(board, board_image):
    found = damage(board, board_image(board), list(table_bytes(board_image(board))), EVERY, anew=True)
    assert len(found) >= 10 and set(found.values()) <= {"refused", "padding"}
    assert sum(said == "refused" for said in found.values()) >= 0.9 * len(found)


def test_a_board_that_has_refused_its_model_refuses_it_for_another_bit_and_takes_it_back_whole(board_image):
    board = ALL["nano33ble"]
    addresses = list(table_bytes(board_image(board)))
    damaged = Damaged(board, board_image(board))
    assert [damaged.answer(byte, 3) for byte in addresses[:3]] == [DAMAGED] * 3
    machine = damaged.machine
    machine.chip.sent.clear()
    assert not machine.run_on() and machine.chip.lines[0].endswith(": ok")
