"""The span of a word, found by the level of its frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from train.corpora.clips import FRAME_MS
from train.corpora.spans import LONGEST_PAUSE_MS, span_of

FLOOR_DB, WORD_DB = 20.0, 60.0
LONGEST_PAUSE = LONGEST_PAUSE_MS // FRAME_MS


def levels(frames, *loud):
    """Levels of FLOOR_DB, except in each (first frame, last frame + 1, level)."""
    level_db = np.full(frames, FLOOR_DB)
    for first, last, level in loud:
        level_db[first:last] = level
    return level_db


def found(level_db):
    return span_of(level_db, FRAME_MS)


@given(
    before=st.integers(0, 200),
    word=st.integers(1, 100),
    after=st.integers(20, 200),
    above_db=st.floats(15, 80),
    seed=st.integers(0, 99),
)
def test_a_word_in_noise_is_found_to_a_frame(before, word, after, above_db, seed):
    level_db = levels(before + word + after, (before, before + word, FLOOR_DB + above_db))
    level_db += np.random.default_rng(seed).uniform(-2, 2, len(level_db))
    assert found(level_db) == (before, before + word)


@pytest.mark.parametrize("pause", [1, LONGEST_PAUSE])
def test_a_pause_inside_a_word_is_part_of_it(pause):
    level_db = levels(300, (50, 80, WORD_DB), (80 + pause, 100 + pause, WORD_DB - 10))
    assert found(level_db) == (50, 100 + pause)


def test_of_two_stretches_with_a_longer_pause_the_one_with_more_energy_is_the_word():
    second = 80 + LONGEST_PAUSE + 1
    assert found(levels(300, (50, 80, WORD_DB), (second, second + 29, WORD_DB))) == (50, 80)
    assert found(levels(300, (50, 80, WORD_DB), (second, second + 31, WORD_DB))) == (second, second + 31)


@pytest.mark.parametrize("click", [10, 240])
def test_a_louder_click_further_off_is_no_part_of_the_word(click):
    assert found(levels(300, (100, 150, WORD_DB), (click, click + 2, WORD_DB + 10))) == (100, 150)


def test_a_faint_end_is_part_of_the_word_and_breath_is_not():
    assert found(levels(300, (100, 150, WORD_DB), (150, 160, WORD_DB - 25))) == (100, 160)
    assert found(levels(300, (100, 150, WORD_DB), (150, 160, FLOOR_DB + 10))) == (100, 150)


@pytest.mark.parametrize("level", [0.0, WORD_DB])
def test_a_recording_of_one_level_is_all_word(level):
    assert found(np.full(70, level)) == (0, 70)


@given(arrays(np.float64, st.integers(1, 300), elements=st.floats(0, 120)))
def test_a_span_is_never_empty_and_begins_and_ends_with_loud_frames(level_db):
    first, last = found(level_db)
    assert 0 <= first < last <= len(level_db)
    assert min(level_db[first], level_db[last - 1]) >= level_db.max() - 30
