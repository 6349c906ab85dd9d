"""Bytes from a serial port's interrupt to the commands: none is lost without a report."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.paths import BOARDS, MODELS
from tests.application_c import load_with_model

LOST = b"\0"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    declared, folder = "void received_put(uint8_t byte); int board_read(void);", tmp_path_factory.mktemp("received")
    return load_with_model([BOARDS / "received.c"], [], MODELS / "commands-6k", folder, declared, [BOARDS])[1]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=4))
def test_what_is_read_is_what_came_or_a_mark_where_some_is_missing(library, bursts):
    """bursts: (bytes received, then bytes read) in turn."""
    came, got = bytearray(), []
    for coming, reading in [*bursts, (0, 1000)]:
        for _ in range(coming):
            came.append(len(came) % 250 + 1)
            library.received_put(came[-1])
        got += [library.board_read() for _ in range(reading)]
    parts = bytes(byte for byte in got if byte >= 0).split(LOST)
    assert re.fullmatch(b".+".join(map(re.escape, parts)), came, re.DOTALL)


def test_it_holds_127_bytes(library):
    for byte in range(1, 128):
        library.received_put(byte)
    assert [library.board_read() for _ in range(128)] == [*range(1, 128), -1]
