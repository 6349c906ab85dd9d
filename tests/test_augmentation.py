"""The sound of windows: nothing but what the recipe asks for, by the amount it says, and mixed as samples would mix."""

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.audio.recordings import BadRecording
from firmware.frontend import LOG_GAIN, SAMPLE_RATE_HZ, codes_of_log_mel, energy_of_log_mel, mel_edges_hz
from train import training
from train.augmentation import FULL_SCALE_DB, Augmentation, words_db
from train.corpora.clips import FRAMES, Clip, Clips, codes_at_hops
from train.recipe import parse_recipe
from train.rooms import measured_responses
from train.splits import TRAINING
from train.windows import BACKGROUND, KEYWORD, Composer

DB = LOG_GAIN * np.log(10) / 10
"""Steps of a log-mel value per decibel, far above the energy floor."""

RECIPE = """
keywords = ["yes"]
units = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [{ kind = "logmel" }]
mixing = { window_ms = 2000, keyword_share = 1, background_share = 0, quiet_share = 0, gap_ms = [500, 500], cut_probability = 0 }
training = { epochs = 1, windows = 1, batch = 1 }

[augmentation]
"""
NOTHING = dict(noise_probability=0, silence_probability=1)


def recipe_with(**changes):
    """The recipe with this augmentation and no other."""
    lines = [f"{key} = {list(value) if isinstance(value, tuple) else value}" for key, value in changes.items()]
    return parse_recipe(RECIPE + "\n".join(lines), "mine")


def random_log_mel(low=100, high=200, seed=0):
    return np.random.default_rng(seed).integers(low, high, (FRAMES, 40), dtype=np.uint8)


def clips_of(log_mel, background=None):
    """Clips of one word and one background, log-mel values [frames, 40]."""
    about = "somebody", TRAINING
    background = random_log_mel(seed=1) if background is None else background
    return Clips.of(
        [
            Clip(codes_of_log_mel(log_mel), "yes", *about, (20, 80)),
            Clip.throughout(codes_of_log_mel(background), "silence", *about),
        ]
    )


def drawn(log_mel, windows=20, background=None, seed=0, **changes):
    """(Layout, log-mel values [windows, hops, bands] as heard) of windows of a word, augmented by the changes alone."""
    clips = clips_of(log_mel, background)
    own_db = float(words_db(clips)[0]) - FULL_SCALE_DB
    recipe = recipe_with(**{**NOTHING, "level_db": (own_db, own_db), "level_change_db": 0, **changes})
    labels, random = np.array([0, 2]), np.random.default_rng(seed)
    layout = Composer(recipe, clips, labels).draw(windows, random)
    x = Augmentation(recipe, clips, labels).draw(layout, random).numpy()
    return layout, x * 2**recipe.feature_map.right_shift + recipe.feature_map.mean_level


def plain(log_mel, layout):
    """What a device hears of the same windows: log-mel values [windows, hops, bands], 0 where nothing sounds."""
    return np.where(layout.sounds[:, :, None], log_mel[np.maximum(layout.source, 0)], 0)


def energies(log_mel):
    return energy_of_log_mel(log_mel).mean(-1)


def test_without_augmentation_a_clip_is_what_a_device_hears():
    log_mel = random_log_mel(0, 256)
    layout, heard = drawn(log_mel, windows=60)
    np.testing.assert_array_equal(heard, plain(log_mel, layout))
    device = codes_at_hops(recipe_with().front, codes_of_log_mel(log_mel)[None])[0]
    start = layout.begin[:, 1]
    whole = np.flatnonzero((start % 2 == 0) & (start >= 0) & (start + FRAMES <= 200))
    assert len(whole) >= 3
    for window in whole:
        first = start[window] // 2
        np.testing.assert_array_equal(codes_of_log_mel(heard[window, first : first + 50]), device)


def test_the_same_generator_draws_the_same():
    everything = dict(
        noise_probability=0.5,
        room_probability=0.5,
        colour_probability=0.5,
        tract_probability=0.5,
    )
    one, again, other = (drawn(random_log_mel(), seed=seed, **everything)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@given(level_db=st.floats(-60, -20))
@settings(max_examples=10)
def test_a_word_gets_the_level_that_is_asked_for(level_db):
    layout, heard = drawn(random_log_mel(), level_db=(level_db, level_db), level_change_db=0)
    spoken = (layout.places >= layout.onset[:, 1, None]) & (layout.places < layout.end[:, 1, None])
    levels = [10 * np.log10(energies(heard[row][spoken[row]]).mean()) for row in range(20) if spoken[row].sum() == 30]
    assert levels
    np.testing.assert_allclose(levels, level_db + FULL_SCALE_DB, atol=0.7)


def test_clips_of_a_window_differ_in_level_by_what_is_asked_for():
    layout, heard = drawn(random_log_mel(150, 151), 200, level_db=(-40, -40), level_change_db=3)
    levels = 10 * np.log10(energies(heard[layout.sounds])) - FULL_SCALE_DB
    assert -43.2 < levels.min() < -42.5 and -37.5 < levels.max() < -36.8


@given(snr_db=st.floats(-5, 25))
@settings(max_examples=10)
def test_background_is_at_the_snr_that_is_asked_for(snr_db):
    word, background = random_log_mel(190, 200), random_log_mel(150, 160, seed=1)
    layout, heard = drawn(word, 5, background, noise_probability=1, silence_probability=0, snr_db=(snr_db, snr_db))
    alone = energies(heard[~layout.sounds]).mean()
    spoken = energy_of_log_mel(np.float64(word)).mean()
    assert 10 * np.log10(spoken / alone) == pytest.approx(snr_db, abs=0.5)


def test_fainter_background_is_no_louder_than_a_very_high_snr():
    word, background = random_log_mel(240, 250), random_log_mel(150, 160, seed=1)
    layout, heard = drawn(word, 5, background, silence_probability=0, snr_db=(0, 70))
    spoken, alone = energies(heard[layout.sounds]).mean(), energies(heard[~layout.sounds]).mean()
    assert 10 * np.log10(spoken / alone) == pytest.approx(70, abs=1)


def test_background_without_speech_has_its_own_range_of_levels():
    recipe = recipe_with(**{**NOTHING, "silence_probability": 0, "background_db": (-50, -30)})
    recipe = recipe.model_copy(update={"mixing": recipe.mixing.model_copy(update={"quiet_share": 1.0})})
    clips, labels, random = clips_of(random_log_mel()), np.array([0, 2]), np.random.default_rng(0)
    layout = Composer(recipe, clips, labels).draw(300, random)
    assert not layout.sounds.any()
    heard = Augmentation(recipe, clips, labels).draw(layout, random).numpy() * 64 + 85
    levels = 10 * np.log10(energies(heard).mean(1)) - FULL_SCALE_DB
    assert -50.3 < levels.min() < -49 and -31 < levels.max() < -29.7


def test_a_window_without_background_is_digital_silence_where_nothing_sounds():
    layout, heard = drawn(random_log_mel(), noise_probability=1)
    assert not heard[~layout.sounds].any() and (heard[layout.sounds] > 0).all()


def test_a_room_adds_an_echo_that_decays_as_fast_and_is_as_loud_as_it_says():
    """One loud hop: behind it the echo falls by 60 dB in 300 ms, and all of it together is 10 dB below the hop, on average."""
    log_mel = np.zeros((FRAMES, 40), np.uint8)
    log_mel[20:22] = 200
    room = dict(room_probability=1, room_decay_ms=(300, 300), room_direct_db=(10, 10))
    layout, heard = drawn(log_mel, windows=400, **room)
    direct = plain(log_mel, layout)[:, :, 0] > 0
    hop = direct.argmax(1)
    alone = np.flatnonzero((direct.sum(1) == 1) & (hop > 0) & (hop + 8 < direct.shape[1]))
    assert len(alone) > 20 and not heard[alone, hop[alone] - 1].any()
    level = energies(heard[alone[:, None], hop[alone, None] + np.arange(8)])
    echo = level[:, 1:].mean(0) / level[:, 0].mean()
    np.testing.assert_allclose(np.diff(10 * np.log10(echo)), -4, atol=0.45)
    assert 10 * np.log10(echo.sum()) == pytest.approx(-10, abs=0.4)


@pytest.mark.parametrize("name", ["room", "tract", "colour"])
def test_as_many_windows_are_changed_as_the_recipe_says(name):
    log_mel = random_log_mel()
    layout, heard = drawn(log_mel, 600, **{f"{name}_probability": 0.3})
    changed = (heard != plain(log_mel, layout)).any((1, 2))
    assert changed.mean() == pytest.approx(0.3, abs=0.06)


def test_another_vocal_tract_moves_a_formant_by_its_share():
    log_mel = np.zeros((FRAMES, 40), np.uint8)
    log_mel[:, 20] = 200
    layout, heard = drawn(log_mel, 60, tract_probability=1, tract_change=0.12)
    heard = heard[layout.sounds].clip(0)
    centres = mel_edges_hz(recipe_with().front)[1:-1]
    moved = (heard * centres).sum(1) / heard.sum(1) / centres[20]
    assert 0.87 < moved.min() < 0.93 and 1.07 < moved.max() < 1.15


def test_a_piece_of_background_has_a_level_of_its_own():
    """It begins and ends over another background, whose level follows the speech."""
    recipe = recipe_with(**NOTHING, level_db=(-30, -30), level_change_db=0, background_db=(-60, -20))
    mixing = {"background_share": 0.5, "quiet_share": 0.0, "gap_ms": (100, 100)}
    recipe = recipe.model_copy(update={"mixing": recipe.mixing.model_copy(update=mixing)})
    clips, labels, random = clips_of(random_log_mel()), np.array([0, 2]), np.random.default_rng(0)
    layout = Composer(recipe, clips, labels).draw(400, random)
    x = Augmentation(recipe, clips, labels).draw(layout, random).numpy()
    log_mel = x * 2**recipe.feature_map.right_shift + recipe.feature_map.mean_level
    levels = {KEYWORD: [], BACKGROUND: []}
    for window, kinds in enumerate(layout.heard):
        for kind, found in levels.items():
            for item in np.unique(layout.item[window][kinds == kind]):
                own = (kinds == kind) & (layout.item[window] == item)
                found.append(10 * np.log10(energies(log_mel[window, own]).mean()) - FULL_SCALE_DB)
    assert np.ptp(levels[KEYWORD]) < 4
    assert min(levels[BACKGROUND]) < -55 and max(levels[BACKGROUND]) > -25


def test_the_colour_of_a_microphone_is_the_same_at_all_hops_and_within_its_range():
    layout, heard = drawn(random_log_mel(120, 121), 100, colour_probability=1, colour_db=6)
    for window, sounds in zip(heard, layout.sounds, strict=True):
        assert (np.ptp(window[sounds], axis=0) <= 1).all()
        assert np.abs(window[sounds][0] - 120).max() <= 9 * DB + 1


def test_rooms_that_are_missing_or_silent_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA", str(tmp_path))
    for folder in ("none", "silent"):
        (tmp_path / folder).mkdir()
    soundfile.write(tmp_path / "silent" / "hall.wav", np.zeros(8000, np.int16), SAMPLE_RATE_HZ, "PCM_16")
    front = recipe_with().front
    for folder in ("missing", "none"):
        with pytest.raises(ValueError, match=f"^{tmp_path / folder}: no impulse responses of rooms"):
            measured_responses(front, folder)
    with pytest.raises(BadRecording, match=rf"^{tmp_path}/silent/hall.wav: digital silence, not the impulse response"):
        measured_responses(front, "silent")
    monkeypatch.setattr(training, "load_corpora", lambda *_, **__: pytest.fail("clips were read first"))
    with pytest.raises(ValueError, match="missing: no impulse responses of rooms"):
        training.train(recipe_with(rooms='"missing"'))
