"""The hand-over of hops, under every order of the interrupt and the application's steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.paths import APPLICATION, MODELS
from tests.application_c import load, load_with_model

FILL, TAKE, READ, RELEASE = "fill", "take", "read", "release"


@pytest.fixture(scope="module")
def c():
    return load([APPLICATION / "handover.c"], ["handover.h"])


class Microphone:
    """Two buffers of a DMA that writes the number of a hop, sample by sample, into the one that is not handed over."""

    def __init__(self, ffi, library):
        self.library, self.state = library, ffi.new("struct handover *")
        library.handover_begin(self.state)
        self.buffers, self.hops, self.half = [[None] * 2, [None] * 2], 0, ffi.new("uint8_t *")
        self.buffers[0][0] = 0

    def fill(self):
        half = self.hops % 2
        self.buffers[half] = [self.hops] * 2
        self.hops += 1
        self.buffers[1 - half][0] = self.hops  # the DMA goes on at once, and writes over what was there
        self.library.handover_fill(self.state, half, 1000 * self.hops)

    def take(self):
        return self.library.handover_take(self.state, self.half)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_a_hop_is_heard_whole_or_counted_as_missed(c, fills_between):
    """fills_between: interrupts before each of the application's steps: take, two reads, release."""
    microphone, heard, read = Microphone(*c), [], []
    state, library = microphone.state, microphone.library
    step, filled_cycles = TAKE, None
    for fills in fills_between:
        for _ in range(fills):
            microphone.fill()
        if step == TAKE:
            if microphone.take():
                step, read, filled_cycles = READ, [], state.filled_cycles
            else:
                assert microphone.hops == len(heard) + state.missed
        elif step == READ:
            read.append(microphone.buffers[microphone.half[0]][len(read)])
            step = RELEASE if len(read) == 2 else READ
        else:
            step = TAKE
            if library.handover_release(state):
                assert read[0] == read[1] and filled_cycles == 1000 * (read[0] + 1)
                heard.append(read[0])
    assert heard == sorted(set(heard))
    if step == TAKE and microphone.take():
        assert library.handover_release(state)
        heard.append(microphone.buffers[microphone.half[0]][0])
    if step == TAKE:
        assert len(heard) + state.missed == microphone.hops == library.handover_hops(state)


def test_nothing_is_missed_where_each_hop_is_read_before_the_next(c):
    microphone = Microphone(*c)
    for hop in range(10):
        microphone.fill()
        assert microphone.take() and microphone.buffers[microphone.half[0]] == [hop, hop]
        assert microphone.library.handover_release(microphone.state) and not microphone.take()
    assert microphone.state.missed == 0


def test_the_same_half_twice_is_a_hop_missed(c):
    microphone = Microphone(*c)
    for half in (0, 1, 1, 0):
        microphone.library.handover_fill(microphone.state, half, 0)
        assert microphone.take() and microphone.library.handover_release(microphone.state)
    assert microphone.state.missed == 1 and microphone.library.handover_hops(microphone.state) == 5


def test_hops_skipped_are_neither_heard_nor_missed(c):
    microphone = Microphone(*c)
    for _ in range(3):
        microphone.fill()
    microphone.library.handover_skip(microphone.state)
    assert not microphone.take() and microphone.state.missed == 0


def test_the_count_of_hops_wraps(c):
    microphone = Microphone(*c)
    microphone.state.filled, microphone.state.taken = 0xFFFFFFFF, 0x7FFFFFFF
    microphone.library.handover_fill(microphone.state, 0, 0)
    assert microphone.library.handover_hops(microphone.state) == 0
    assert microphone.take() and microphone.half[0] == 0 and not microphone.take()
    assert microphone.state.missed == 0


@pytest.mark.parametrize("first", [0, 2**31 - 20])
def test_a_second_of_load_is_fifty_hops_also_where_their_count_wraps(tmp_path, first):
    ffi, library = load_with_model(["load.c", "handover.c"], ["load.h"], MODELS / "commands-6k", tmp_path)
    state = ffi.new("struct load *")
    library.load_begin(state, first)
    seconds = []
    for hop in range(1, 151):
        library.load_hop(state, (first + hop) % 2**31, 1000)
        seconds.append(state.second_cycles)
    assert seconds == [0] * 49 + [50_000] * 101
