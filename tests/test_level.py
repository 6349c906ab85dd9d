"""A microphone's constant part is followed, and taken away whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.paths import BOARDS
from tests.application_c import load

DECLARED = """
struct level { int32_t mean; _Bool known; };
int32_t level_follow(struct level *level, int32_t hop_mean);
int16_t level_saturate(int32_t value);
"""
MEANS = st.integers(-(2**23), 2**23 - 1)


@pytest.fixture(scope="module")
def c():
    return load([BOARDS / "level.c"], [], [BOARDS], DECLARED)


@given(MEANS, MEANS)
def test_the_mean_comes_to_be_a_constant_one_exactly(c, before, after):
    ffi, library = c
    level = ffi.new("struct level *")
    assert library.level_follow(level, before) == before
    means = [library.level_follow(level, after) for _ in range(64 * 20)]
    assert means[-1] == after
    assert means == sorted(means, reverse=after < before)


@given(MEANS, MEANS)
def test_it_follows_within_64_hops(c, before, after):
    ffi, library = c
    level = ffi.new("struct level *")
    library.level_follow(level, before)
    means = [library.level_follow(level, after) for _ in range(64)]
    assert means[-1] == pytest.approx(after + (before - after) * (1 - 1 / 64) ** 64, abs=1)


@pytest.mark.parametrize("value, sample", [(40_000, 32_767), (-40_000, -32_768), (-32_768, -32_768), (0, 0)])
def test_what_is_beyond_a_sample_is_at_its_end(c, value, sample):
    assert c[1].level_saturate(value) == sample
