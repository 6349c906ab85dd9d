"""Interference: energies of mixed sounds are those of mixed samples, on average and in how much they vary."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import mixing
from calibration.mixing import mixed_in_all_ways
from firmware.frontend import Frontend
from train.interference import Interference, together

FRONT = Frontend()


@pytest.mark.parametrize("front", [FRONT, Frontend(bands=20), Frontend(bands=80, high_hz=8000)])
def test_the_wider_a_band_the_more_its_phases_average_out(front):
    cosines = Interference(front).cosines(np.random.default_rng(0), (4000,))
    assert cosines.shape == (4000, front.bands) and np.abs(cosines).max() <= 1 and np.abs(cosines.mean(0)).max() < 0.05
    spread = cosines.std(0)
    assert 0.4 < spread[:5].mean() <= 0.71 and spread[-5:].mean() < 0.6 * spread[:5].mean()


def test_hops_are_independent_and_neighbouring_bands_are_not():
    cosines = Interference(FRONT).cosines(np.random.default_rng(0), (4000,))
    assert abs(np.corrcoef(cosines[1:, 20], cosines[:-1, 20])[0, 1]) < 0.06
    assert np.corrcoef(cosines[:, 20], cosines[:, 21])[0, 1] > 0.2
    assert abs(np.corrcoef(cosines[:, 20], cosines[:, 25])[0, 1]) < 0.06


@given(one=st.floats(0, 1e9), other=st.floats(0, 1e9), seed=st.integers(0, 99))
def test_energies_are_never_negative(one, other, seed):
    random = np.random.default_rng(seed)
    energies = [np.full((5, FRONT.bands), energy) for energy in (one, other)]
    cosines, (power, of_echo) = Interference(FRONT).cosines(random, (5,)), Interference(FRONT).echo(random, (5,))
    least = -1e-6 * (one + other)
    assert together(*energies, cosines).min() >= least and together(*energies, of_echo, power).min() >= least


def test_an_echo_has_the_energy_that_it_is_given_on_average():
    power, cosines = Interference(FRONT).echo(np.random.default_rng(0), (20_000,))
    np.testing.assert_allclose(power.mean(0), 1, atol=0.03)
    np.testing.assert_allclose(together(3.0, 2.0, cosines, power).mean(0), 5, rtol=0.03)
    assert (np.square(cosines) <= power + 1e-6).all()


def test_energies_that_interfere_are_as_mixed_samples_in_mean_and_spread(monkeypatch):
    monkeypatch.setattr(mixing, "CLIPS", 40)
    random = np.random.default_rng(0)
    pairs = mixing.synthetic_pairs(random)
    mixed = [found for found in (mixed_in_all_ways(random, FRONT, *pair, 5) for pair in pairs) if found]
    assert len(mixed) > 20
    added, interfering, samples = (np.concatenate(values).astype(float) for values in zip(*mixed, strict=True))
    assert abs((interfering - samples).mean()) < 0.5
    assert (interfering - added).std() == pytest.approx((samples - added).std(), rel=0.2)


def test_a_mix_that_would_clip_is_left_out():
    random = np.random.default_rng(0)
    speech, noise = random.integers(-30_000, 30_000, (2, 16_000)).astype(np.int16)
    assert mixed_in_all_ways(random, FRONT, speech, noise, 0) is None
