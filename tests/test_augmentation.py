"""Augmentation: nothing but what the recipe asks for, by the amount it says, and mixed as samples would mix."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration import mixing
from calibration.mixing import mixed_both_ways
from firmware.frontend import LOG_GAIN, Frontend, codes_of_log_mel, energy_of_log_mel, mel_edges_hz
from train.augmentation import Augmentation, mix_energies
from train.corpora.clips import FRAME_MS, FRAMES, codes_at_hops
from train.recipe import AugmentationSection, FrontendSection, load_recipe

RECIPE = load_recipe("hello")
NOTHING = dict(shift_ms=0, gain_probability=0, noise_probability=0, mask_probability=0)
DB = LOG_GAIN * np.log(10) / 10
"""Steps of a log-mel value per decibel, far above the energy floor."""


def random_clips(clips, low=0, high=256, seed=0):
    """Random log-mel values uint8 [clips, FRAMES, bands]."""
    return np.random.default_rng(seed).integers(low, high, (clips, FRAMES, RECIPE.front.bands), dtype=np.uint8)


def draw(log_mel, seed=0, background=random_clips(20), hop_ms=20, **changes):
    """Network input of clips, log-mel values, augmented by nothing but the changes."""
    recipe = RECIPE.model_copy(
        update={
            "augmentation": AugmentationSection(**{**NOTHING, **changes}),
            "frontend": FrontendSection(hop_ms=hop_ms),
        }
    )
    augmentation = Augmentation(recipe, codes_of_log_mel(background))
    return augmentation.draw(codes_of_log_mel(log_mel), np.random.default_rng(seed)).numpy()


def plain(log_mel):
    """Network input of clips, log-mel values, as a device computes it."""
    return RECIPE.feature_map.real(codes_at_hops(RECIPE.front, codes_of_log_mel(log_mel)))


def log_mel_in(features):
    """Log-mel values of network input."""
    return features * 2**RECIPE.feature_map.right_shift + RECIPE.feature_map.mean_level


def test_the_same_generator_draws_the_same():
    everything = dict(shift_ms=100, gain_probability=0.5, noise_probability=0.5, mask_probability=0.5)
    log_mel = random_clips(50)
    np.testing.assert_array_equal(draw(log_mel, seed=1, **everything), draw(log_mel, seed=1, **everything))
    assert not np.array_equal(draw(log_mel, seed=1, **everything), draw(log_mel, seed=2, **everything))


@pytest.mark.parametrize("hop_ms", [10, 20])
def test_without_augmentation_a_clip_is_what_a_device_hears(hop_ms):
    log_mel = random_clips(50)
    heard = RECIPE.feature_map.real(codes_at_hops(Frontend(hop_ms=hop_ms), codes_of_log_mel(log_mel)))
    np.testing.assert_array_equal(draw(log_mel, hop_ms=hop_ms), heard)


def test_a_shift_moves_the_clip_and_repeats_its_edge():
    log_mel = np.broadcast_to(np.arange(FRAMES, dtype=np.uint8)[:, None], (200, FRAMES, RECIPE.front.bands)).copy()
    moved = log_mel_in(draw(log_mel, shift_ms=100))[:, :, 0]
    hops = np.arange(1, FRAMES, 2)
    shifts = hops[25] - moved[:, 25]
    np.testing.assert_array_equal(moved, np.clip(hops - shifts[:, None], 0, FRAMES - 1))
    assert set(shifts) == set(range(-100 // FRAME_MS, 100 // FRAME_MS + 1))


def test_a_short_recording_is_moved_forward_and_ends_in_digital_silence():
    log_mel = np.broadcast_to(
        np.arange(1, FRAMES + 1, dtype=np.uint8)[:, None], (200, FRAMES, RECIPE.front.bands)
    ).copy()
    moved = log_mel_in(draw(log_mel, shift_ms=100, short_probability=1, short_ms=350))[:, :, 0]
    lacking = (moved == 0).sum(axis=1)
    assert set(lacking) == set(range(1, 350 // FRAME_MS // 2 + 2))
    for clip, silent in zip(moved, lacking, strict=True):
        heard = clip[: len(clip) - silent]
        assert (np.diff(heard) == 2).all() and heard[-1] >= FRAMES - 1 and not clip[len(heard) :].any()


@given(gain_db=st.floats(-12, 12))
@settings(max_examples=20)
def test_a_gain_moves_every_feature_by_its_decibels(gain_db):
    log_mel = random_clips(4, low=100, high=200)
    raised = draw(log_mel, gain_probability=1, gain_db=(gain_db, gain_db))
    np.testing.assert_allclose(
        log_mel_in(raised - plain(log_mel)) - RECIPE.feature_map.mean_level, gain_db * DB, atol=0.6
    )


def test_a_gain_is_drawn_as_often_as_the_recipe_says():
    log_mel = random_clips(1000, low=100, high=200)
    raised = draw(log_mel, gain_probability=0.3, gain_db=(6, 6)) != plain(log_mel)
    assert raised.any(axis=(1, 2)).mean() == pytest.approx(0.3, abs=0.05)


def test_noise_far_below_a_clip_changes_nothing():
    log_mel = random_clips(20, low=100, high=200)
    np.testing.assert_array_equal(draw(log_mel, noise_probability=1, snr_db=(90, 90)), plain(log_mel))


def test_noise_as_loud_as_the_clip_adds_three_decibels():
    log_mel = random_clips(200, low=60, high=180)
    mixed = draw(log_mel, background=random_clips(20, low=60, high=180, seed=1), noise_probability=1, snr_db=(0, 0))
    energy, clean = (energy_of_log_mel(log_mel_in(features)).mean(axis=(1, 2)) for features in (mixed, plain(log_mel)))
    assert 10 * np.log10(energy / clean).mean() == pytest.approx(10 * np.log10(2), abs=0.2)


def test_without_background_there_is_no_noise():
    log_mel = random_clips(20)
    np.testing.assert_array_equal(
        draw(log_mel, background=random_clips(0), noise_probability=1, snr_db=(0, 0)), plain(log_mel)
    )


@given(snr_db=st.floats(-20, 40), louder=st.floats(0.001, 1000))
def test_each_clip_is_mixed_at_its_snr_however_loud_it_and_the_noise_are(snr_db, louder):
    random = np.random.default_rng(0)
    speech, noise = (torch.from_numpy(random.uniform(1e5, 1e6, (3, 50, 40))) for _ in range(2))
    speech *= torch.tensor([1, 100, 10_000])[:, None, None]
    added = mix_energies(speech, noise * louder, torch.full((3,), snr_db)) - speech
    ratio_db = 10 * torch.log10(speech.mean((1, 2)) / added.mean((1, 2)))
    np.testing.assert_allclose(ratio_db, snr_db, atol=0.01)


def longest_run(absent):
    """How wide the one run of True is in bool [n]; an error where there are more."""
    places = np.flatnonzero(absent)
    assert len(places) == 0 or np.array_equal(places, np.arange(places[0], places[-1] + 1))
    return len(places)


def test_masks_are_one_run_of_bands_and_one_of_hops_of_the_widths_allowed():
    log_mel = random_clips(500, low=RECIPE.feature_map.mean_level + 1)
    masked = draw(log_mel, mask_probability=1, mask_bands=6, mask_hops=3) == 0
    bands = [longest_run(clip.all(axis=0)) for clip in masked]
    hops = [longest_run(clip.all(axis=1)) for clip in masked]
    assert set(bands) == set(range(7))
    assert set(hops) == set(range(4))
    for clip in masked:
        np.testing.assert_array_equal(clip, clip.all(axis=0)[None] | clip.all(axis=1)[:, None])


def test_mixed_energies_are_mixed_samples_on_average(monkeypatch):
    monkeypatch.setattr(mixing, "CLIPS", 40)
    pairs = mixing.synthetic_pairs(np.random.default_rng(0))
    mixed = [both for both in (mixed_both_ways(RECIPE.front, *pair, 10) for pair in pairs) if both]
    errors = np.concatenate([by_energies - by_samples for by_energies, by_samples in mixed])
    assert len(mixed) > 20
    assert abs(errors.mean()) < 1


def test_a_mix_that_would_clip_is_left_out():
    speech, noise = (
        np.random.default_rng(seed).integers(-30_000, 30_000, 16_000).astype(np.int16) for seed in range(2)
    )
    assert mixed_both_ways(RECIPE.front, speech, noise, 0) is None


# --- other speakers


def test_a_clip_spoken_faster_moves_towards_its_middle():
    log_mel = np.zeros((60, FRAMES, RECIPE.front.bands), np.uint8)
    log_mel[:, 19:22] = log_mel[:, 78:81] = 200
    heard = log_mel_in(draw(log_mel, hop_ms=10, speed_probability=1, speed_change=0.2))[:, :, 0] > 100
    begins, ends = heard.argmax(1), heard.shape[1] - 1 - heard[:, ::-1].argmax(1)
    distance = ends - begins
    assert (np.abs((begins + ends) / 2 - 50) <= 1.5).all(), "the middle stays"
    assert 48 <= distance.min() < 55 and 66 < distance.max() <= 79


def test_another_vocal_tract_moves_a_formant_by_its_share():
    log_mel = np.zeros((60, FRAMES, RECIPE.front.bands), np.uint8)
    log_mel[:, :, 20] = 200
    heard = log_mel_in(draw(log_mel, tract_probability=1, tract_change=0.12))[:, 10].clip(0)
    centres = mel_edges_hz(RECIPE.front)[1:-1]
    moved = (heard * centres).sum(1) / heard.sum(1) / centres[20]
    assert 0.87 < moved.min() < 0.93 and 1.07 < moved.max() < 1.15


@pytest.mark.parametrize("name", ["speed", "tract"])
def test_as_many_clips_are_of_another_speaker_as_the_recipe_says(name):
    log_mel = random_clips(400)
    same = (draw(log_mel, **{f"{name}_probability": 0.3}) == plain(log_mel)).all((1, 2))
    assert 0.62 < same.mean() < 0.78


def test_a_room_adds_an_echo_that_decays_as_fast_and_is_as_loud_as_it_says():
    """One loud hop: behind it the echo falls by 60 dB in 300 ms, and all of it together is 10 dB below the hop."""
    log_mel = np.zeros((3, FRAMES, RECIPE.front.bands), np.uint8)
    log_mel[:, 20:22] = 200
    room = dict(room_probability=1, room_decay_ms=(300, 300), room_direct_db=(10, 10))
    heard = log_mel_in(draw(log_mel, **room))[:, :, 0]
    energy = energy_of_log_mel(heard)
    assert (heard[:, :10] == 0).all() and (heard[:, 10] == 200).all()
    np.testing.assert_allclose(np.diff(heard[:, 11:18]), -4 * DB, atol=1.01)
    np.testing.assert_allclose(10 * np.log10(energy[:, 11:].sum(1) / energy[:, 10]), -10, atol=0.3)


def test_a_room_is_drawn_as_often_as_the_recipe_says():
    log_mel = random_clips(1000, low=100, high=200)
    heard = draw(log_mel, room_probability=0.3) != plain(log_mel)
    assert heard.any(axis=(1, 2)).mean() == pytest.approx(0.3, abs=0.05)


def test_digital_silence_behind_a_short_recording_has_no_echo():
    log_mel = random_clips(100, low=100, high=200)
    short = dict(shift_ms=0, short_probability=1, short_ms=350)
    silent, echoed = (log_mel_in(draw(log_mel, **short, **room)) == 0 for room in ({}, dict(room_probability=1)))
    assert silent.any() and (echoed == silent).all()
