"""What is captured of a stream of posteriors: each near miss at its peak, and none that became a detection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.paths import MODELS, ROOT
from tests.application_c import load_with_model

DECLARED = """
struct noticed { uint8_t cause; uint16_t posterior; uint32_t time_ms; };
void noticed_begin(uint8_t mode, uint16_t threshold);
_Bool noticed_hop(uint16_t posterior, _Bool detected, struct noticed *noticed);
void noticed_gap(void);
_Bool noticed_check(_Bool ends);
"""
MARGIN, ON = 1, 2
DETECTION, NEAR_MISS, MICROPHONE = 0, 1, 2
THRESHOLD = 20_000
HALF_SECOND = 25
QUIET = [0] * 60
"""Hops after which a whole second is recorded."""


@pytest.fixture(scope="module")
def c(tmp_path_factory):
    names = (ROOT / "tests" / "host" / "noticed.c", "capture.c", "crc32.c", "line.c")
    return load_with_model(names, [], MODELS / "commands-6k", tmp_path_factory.mktemp("noticed"), DECLARED)


def captured(c, posteriors, mode=MARGIN, gaps=()):
    """[(hop when it was sent, cause, posterior, hop that it is about)] of a stream of posteriors; gaps: before these hops."""
    ffi, library = c
    noticed, found = ffi.new("struct noticed *"), []
    library.noticed_begin(mode, THRESHOLD)
    for hop, posterior in enumerate(posteriors):
        if hop in gaps:
            library.noticed_gap()
        if library.noticed_hop(posterior, posterior >= THRESHOLD, noticed):
            found.append((hop, noticed.cause, noticed.posterior, noticed.time_ms // 20 - 1))
    return found


def test_a_near_miss_is_sent_half_a_second_after_its_peak(c):
    bump = [9_000, 11_000, 15_000, 12_000, 14_000, 3_000]
    assert captured(c, QUIET + bump + QUIET) == [(60 + 2 + HALF_SECOND, NEAR_MISS, 15_000, 60 + 2)]


def test_a_posterior_that_rises_slowly_to_a_detection_was_no_near_miss(c):
    rise = [10_001 + 200 * hop for hop in range(51)]
    assert rise[-1] >= THRESHOLD
    assert captured(c, QUIET + rise + QUIET) == []
    assert captured(c, QUIET + rise + QUIET, ON) == [(60 + 50 + 10, DETECTION, rise[-1], 60 + 50)]


@pytest.mark.parametrize(
    "rest",
    [
        [15_000] * 60,
        [15_000] * 5 + [9_000] + [15_000] * 60,
        [0] * 10 + [19_000 - 500 * hop for hop in range(19)],
        [0] * 21 + [19_000 - 500 * hop for hop in range(19)],
    ],
)
def test_the_rest_of_a_detected_word_is_no_near_miss(c, rest):
    assert captured(c, QUIET + [25_000] + rest + QUIET) == []


BUMP = [15_000, 0]


def test_a_second_with_a_gap_in_it_is_not_sent(c):
    for gap, sent in ((60 - 24, True), (60 - 23, False), (60 + 10, False)):
        assert bool(captured(c, QUIET + BUMP + QUIET, gaps=[gap])) == sent


def test_the_microphone_check_notices_nothing_and_lets_go_what_was_noticed(c):
    ffi, library = c
    assert captured(c, QUIET + BUMP) == []
    assert library.noticed_check(False)
    noticed = ffi.new("struct noticed *")
    assert not any(library.noticed_hop(posterior, False, noticed) for posterior in QUIET + BUMP + QUIET)
    assert library.noticed_check(True)
    assert library.noticed_hop(0, False, noticed) and noticed.cause == MICROPHONE
    assert not any(library.noticed_hop(0, False, noticed) for _ in range(60))


def test_a_check_with_a_gap_in_its_second_sends_nothing(c):
    ffi, library = c
    captured(c, QUIET)
    assert library.noticed_check(False)
    captured_hops = [library.noticed_hop(0, False, ffi.new("struct noticed *")) for _ in range(20)]
    library.noticed_gap()
    captured_hops += [library.noticed_hop(0, False, ffi.new("struct noticed *")) for _ in range(30)]
    assert not library.noticed_check(True) and not any(captured_hops)


@pytest.mark.parametrize("hops, misses", [(HALF_SECOND, 0), (HALF_SECOND + 1, 1)])
def test_a_detection_in_the_half_second_around_it_takes_it_away(c, hops, misses):
    before, after = QUIET + [25_000] + [0] * (hops - 1) + [15_000], QUIET + [15_000] + [0] * (hops - 1) + [25_000]
    for stream in (before, after):
        assert len(captured(c, stream + QUIET)) == misses


WALK = st.lists(st.tuples(st.integers(0, 24_000), st.integers(1, 40)), min_size=1, max_size=25)


@given(WALK)
def test_no_near_miss_has_a_detection_in_the_half_second_before_it_or_after(c, corners):
    """corners: posteriors, and the hops on the straight way to each."""
    posteriors = QUIET[:]
    for target, hops in corners:
        start = posteriors[-1]
        posteriors += [start + (target - start) * (hop + 1) // hops for hop in range(hops)]
    for sent, cause, posterior, hop in captured(c, posteriors):
        around = posteriors[max(0, hop - HALF_SECOND) : hop + HALF_SECOND + 1]
        assert cause == NEAR_MISS and sent == hop + HALF_SECOND
        assert (
            posteriors[hop - 1] < posteriors[hop] == posterior > THRESHOLD / 2
            and max(posteriors[hop : sent + 1]) == posterior
        )
        assert max(around) < THRESHOLD
