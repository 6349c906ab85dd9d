"""A telephone line: what passes, what does not, and what eight bits leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.frontend import SAMPLE_RATE_HZ
from train.corpora.telephone import companded, some_through_telephone, through_telephone


def tone(hertz, peak=8000):
    return np.rint(peak * np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)).astype(np.int16)


def gain_db(hertz):
    sent = tone(hertz)
    heard = through_telephone(sent)[4000:12000].astype(float)
    return 10 * np.log10(np.square(heard).mean() / np.square(sent[4000:12000].astype(float)).mean() + 1e-9)


@pytest.mark.parametrize(
    "hertz, low, high",
    [
        (100, -90, -30),
        (300, -4, -2),
        (600, -0.3, 0.3),
        (1000, -0.3, 0.3),
        (2000, -0.3, 0.3),
        (3400, -4, -2),
        (5000, -91, -30),
    ],
)
def test_300_to_3400_hz_pass(hertz, low, high):
    assert low < gain_db(hertz) < high


@given(st.floats(-1, 1))
def test_a_code_is_within_two_percent_or_a_step(share):
    """The steps of mu-law grow with the magnitude: half of ln(256)/127 of it, and as much of 1/255."""
    assert abs(companded(share) - share) <= 0.0221 * (abs(share) + 1 / 255)


def test_there_are_255_codes():
    assert len(np.unique(companded(np.linspace(-1, 1, 100_001)))) == 255


def test_full_scale_stays_in_int16_and_silence_is_silent():
    loud = np.where(np.arange(16_000) // 10 % 2, 32767, -32768).astype(np.int16)
    assert len(through_telephone(loud)) == 16_000 and np.abs(through_telephone(loud).astype(int)).max() > 20_000
    assert not through_telephone(np.zeros(480, np.int16)).any()
    for samples in (480, 481, 15_999):
        assert len(through_telephone(loud[:samples])) == samples


def test_some_go_through_it_by_the_seed_and_at_probability_0_nothing_is_drawn():
    recordings = [tone(5000)] * 200
    random = np.random.default_rng(3)
    assert some_through_telephone(random, recordings, 0.0) is recordings
    assert random.integers(1 << 30) == np.random.default_rng(3).integers(1 << 30)
    quiet, again = (
        [
            np.abs(pcm.astype(int)).mean() < 1000
            for pcm in some_through_telephone(np.random.default_rng(3), recordings, 0.25)
        ]
        for _ in range(2)
    )
    assert quiet == again and 30 < sum(quiet) < 70
