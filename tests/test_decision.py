"""The clip rule on clips whose posteriors are known."""

import numpy as np
import pytest

from firmware.frontend import Frontend
from train.decision import (
    decide,
    decide_in_a_stream,
    delay_hops,
    followed_by_silence,
    of_clips_alone,
    of_clips_in_a_stream,
    posteriors,
    smoothed,
)

FRONTEND = Frontend()
YES, NO, UNKNOWN, SILENCE = range(4)


def clip(*parts):
    """Logits [1, 50, 4] that are sure of one label at a time; parts: (label, hops)."""
    labels = np.repeat([label for label, _ in parts], [hops for _, hops in parts])
    assert len(labels) == 50
    return np.where(np.arange(4) == labels[:, None], 10.0, -10.0)[None]


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        ([(SILENCE, 50)], SILENCE),
        ([(UNKNOWN, 50)], UNKNOWN),
        ([(SILENCE, 20), (YES, 8), (SILENCE, 22)], YES),
        ([(SILENCE, 20), (YES, 1), (SILENCE, 29)], YES),
        ([(UNKNOWN, 25), (NO, 5), (UNKNOWN, 20)], NO),
        ([(YES, 9), (SILENCE, 41)], YES),
        ([(SILENCE, 20), (UNKNOWN, 9), (SILENCE, 21)], UNKNOWN),
        ([(SILENCE, 20), (UNKNOWN, 3), (SILENCE, 27)], SILENCE),
        ([(SILENCE, 20), (YES, 4), (NO, 8), (SILENCE, 18)], NO),
        ([(SILENCE, 44), (YES, 6)], YES),
    ],
)
def test_a_clip_is_what_peaks_in_it(parts, label):
    assert decide(FRONTEND, clip(*parts), 2).tolist() == [label]


def test_a_decision_is_heard_until_shortly_after_the_clip():
    """Two clips whose words are told 120 ms after their ends: each by itself, and one after the other."""
    assert delay_hops(FRONTEND) == 8
    late = np.concatenate([clip((SILENCE, 50))[0], clip((YES, 50))[0][:6], clip((SILENCE, 50))[0][:2]])
    assert decide(FRONTEND, of_clips_alone(FRONTEND, late[None]), 2).tolist() == [YES]
    stream = np.concatenate(
        [clip((SILENCE, 50))[0], clip((YES, 6), (SILENCE, 44))[0], clip((NO, 6), (SILENCE, 44))[0][:8]]
    )
    assert decide_in_a_stream(FRONTEND, of_clips_in_a_stream(FRONTEND, stream, 2), 2).tolist() == [YES, NO]
    codes = followed_by_silence(FRONTEND, np.zeros((2, 50, 40), np.int8))
    assert codes.shape == (2, 58, 40) and (codes[:, 50:] == -128).all() and not codes[:, :50].any()


def test_what_is_unknown_after_the_end_belongs_to_the_next_clip():
    stream = np.concatenate([clip((SILENCE, 50))[0], clip((UNKNOWN, 30), (SILENCE, 20))[0], clip((SILENCE, 50))[0][:8]])
    assert decide_in_a_stream(FRONTEND, of_clips_in_a_stream(FRONTEND, stream, 2), 2).tolist() == [SILENCE, UNKNOWN]


@pytest.mark.parametrize(
    ("parts", "labels"),
    [
        ([(YES, 14), (SILENCE, 36)], [YES, SILENCE]),
        ([(YES, 14), (SILENCE, 16), (NO, 20)], [YES, NO]),
        ([(YES, 14), (SILENCE, 16), (YES, 20)], [YES, YES]),
        ([(SILENCE, 50)], [YES, SILENCE]),
    ],
)
def test_a_keyword_that_goes_on_after_its_clip_is_not_told_again(parts, labels):
    """It is told from the end of the first clip on, and stands beyond the time in which the first clip is decided."""
    stream = np.concatenate([clip((SILENCE, 44), (YES, 6))[0], clip(*parts)[0], clip((SILENCE, 50))[0][:8]])
    assert decide_in_a_stream(FRONTEND, of_clips_in_a_stream(FRONTEND, stream, 2), 2).tolist() == labels


def test_many_clips_are_decided_as_each_alone():
    logits = np.random.default_rng(0).normal(0, 5, (200, 50, 6)).astype(np.float32)
    np.testing.assert_array_equal(decide(FRONTEND, logits, 4), [decide(FRONTEND, one[None], 4)[0] for one in logits])


def test_posteriors_sum_to_one_and_survive_large_logits():
    logits = np.array([[1e4, -1e4, 0.0]])
    np.testing.assert_allclose(posteriors(logits), [[1, 0, 0]])
    assert posteriors(np.zeros((2, 3, 4))).sum() == pytest.approx(6)


def test_smoothing_begins_from_nothing_and_ends_at_a_steady_value():
    steady = smoothed(np.full((1, 60, 2), 0.5, np.float32))
    assert steady[0, 0, 0] == 0.125 and steady[0, -1, 0] == pytest.approx(0.5, abs=1e-4)
    assert (np.diff(steady[0, :, 0]) >= 0).all()
