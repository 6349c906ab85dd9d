"""A microphone's constant part is followed, and taken away whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.paths import BOARDS, MODELS
from tests.application_c import load_with_model

DECLARED = """
struct dc { int32_t mean; uint8_t hops; };
int32_t dc_follow(struct dc *dc, int32_t hop_mean);
int16_t saturate_int16(int32_t value);
"""
START_HOPS, FOLLOW_HOPS = 10, 64
MEANS = st.integers(-(2**23), 2**23 - 1)


@pytest.fixture(scope="module")
def c(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dc")
    return load_with_model([BOARDS / "dc_removal.c"], [], MODELS / "commands-6k", folder, DECLARED, [BOARDS])


def follow(c, means):
    """What is to be taken away of hops with these means."""
    ffi, library = c
    dc = ffi.new("struct dc *")
    return [library.dc_follow(dc, mean) for mean in means]


@given(MEANS, MEANS)
def test_the_mean_comes_to_be_a_constant_one_exactly(c, before, after):
    means = follow(c, [before] * (START_HOPS + FOLLOW_HOPS) + [after] * 64 * 20)[START_HOPS + FOLLOW_HOPS :]
    assert means[-1] == after
    assert means == sorted(means, reverse=after < before)


@given(MEANS, MEANS)
def test_it_follows_within_64_hops(c, before, after):
    means = follow(c, [before] * (START_HOPS + FOLLOW_HOPS) + [after] * 64)
    assert means[-1] == pytest.approx(after + (before - after) * (1 - 1 / 64) ** 64, abs=1)


@given(st.lists(MEANS, min_size=START_HOPS, max_size=START_HOPS), st.lists(MEANS, min_size=1, max_size=FOLLOW_HOPS - 1))
def test_what_a_microphone_gives_before_it_has_settled_is_forgotten(c, unsettled, settled):
    *told, last = follow(c, unsettled + settled)
    assert told[:START_HOPS] == unsettled[: len(told)]
    assert last == pytest.approx(np.mean(settled), abs=1)


@pytest.mark.parametrize("value, sample", [(40_000, 32_767), (-40_000, -32_768), (-32_768, -32_768), (0, 0)])
def test_what_is_beyond_a_sample_is_at_its_end(c, value, sample):
    assert c[1].saturate_int16(value) == sample
