"""The C front end within its stated bounds of librosa, and its own invariants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.frontend import Frontend, log_mel_of_energy
from firmware.generate import tables
from firmware.generate.mel_bands import mel_codes
from firmware.host.binding import FrontendC
from tests.measure.features import (
    ABOVE_BOUND,
    MEAN_BOUND,
    NEAR_BOUND,
    PERCENTILE_BOUND,
    compare,
    extreme_signals,
    natural_signals,
    swept_tones,
)

FRONTENDS = [
    Frontend(),
    Frontend(hop_ms=10),
    Frontend(bands=20),
    Frontend(bands=80, high_hz=8000),
    Frontend(bands=10, high_hz=1000),
]


@pytest.fixture(scope="module")
def natural():
    return natural_signals()


@pytest.mark.parametrize("frontend", FRONTENDS, ids=str)
def test_speech_and_noise_are_within_the_bound_of_librosa(frontend, natural):
    for name, pcm in natural.items():
        errors = compare(frontend, pcm)
        assert errors.mean <= MEAN_BOUND and errors.p999 <= PERCENTILE_BOUND, (name, errors)


@pytest.mark.parametrize("frontend", FRONTENDS, ids=str)
def test_extreme_signals_are_within_the_bound_of_librosa(frontend):
    for name, pcm in extreme_signals().items():
        errors = compare(frontend, pcm)
        assert errors.near <= NEAR_BOUND and errors.above <= ABOVE_BOUND, (name, errors)


def test_no_full_scale_tone_shows_noise_of_the_front_end():
    for tone in swept_tones():
        errors = compare(Frontend(), tone)
        assert errors.near <= NEAR_BOUND and errors.above <= ABOVE_BOUND, errors


def test_silence_is_the_lowest_code():
    assert (FrontendC(Frontend()).features(np.zeros(3200, np.int16)) == -128).all()


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 1000))
@settings(max_examples=30)
def test_a_stream_in_pieces_is_the_whole_stream(pieces, seed):
    frontend = Frontend()
    pcm = np.random.default_rng(seed).integers(-32768, 32768, sum(pieces) * frontend.hop_samples).astype(np.int16)
    whole = FrontendC(frontend).features(pcm)
    stream, parts, start = FrontendC(frontend), [], 0
    for hops in pieces:
        parts.append(stream.features(pcm[start : start + hops * frontend.hop_samples]))
        start += hops * frontend.hop_samples
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_reset_front_end_is_a_fresh_one():
    pcm = np.random.default_rng(0).normal(0, 3000, 8000).astype(np.int16)
    used = FrontendC(Frontend())
    used.features(pcm[::-1])
    used.reset()
    np.testing.assert_array_equal(used.features(pcm), FrontendC(Frontend()).features(pcm))


@given(st.integers(1, 2**48))
def test_log2_is_within_its_stated_error(value):
    library = FrontendC(Frontend()).library
    error = library.kws_log2(value) / 2048 - np.log2(value)
    assert -0.0007 <= error <= 0.0001
    assert library.kws_log2(value) == tables.log2_q11(value)


@given(st.integers(0, 2**47))
def test_a_level_code_is_the_level_rounded(energy):
    wanted = float(log_mel_of_energy(energy)) - 128
    assert abs(FrontendC(Frontend()).library.kws_log_code(energy) - min(wanted, 127)) <= 0.52


@pytest.mark.parametrize("frontend", FRONTENDS, ids=str)
def test_every_bin_has_its_segment(frontend):
    rise, segment = mel_codes(frontend)
    assert segment.sum() == len(rise) <= 257 and segment.max() < 256


def test_a_front_end_with_an_empty_band_is_refused():
    with pytest.raises(ValueError, match="band 0 holds no FFT bin"):
        Frontend(bands=80, high_hz=1500)


def test_pcm_that_is_not_int16_is_refused():
    with pytest.raises(ValueError, match="int16"):
        FrontendC(Frontend()).features(np.zeros(320))
