"""Colours of voices: synthetic clips get those of people, recordings keep their own."""

import numpy as np
import pytest

from firmware.frontend import Frontend
from tests.test_augmentation import NOTHING, recipe_with
from train.augmentation import Augmentation
from train.colours import Colours, colour_of, people, word_energies
from train.corpora.clips import ENERGIES, Clip, Clips
from train.splits import TRAINING
from train.windows import Composer


def codes_coloured(random, colour_db, frames=100):
    """Codes of random frames whose long-term spectrum has a colour in dB."""
    level_db = 70 + colour_db + random.normal(0, 4, (frames, len(colour_db)))
    return (np.abs(10 * np.log10(ENERGIES + 1e-9)[:, None, None] - level_db)).argmin(0).astype(int) - 128


@pytest.fixture(scope="module")
def clips():
    """Forty dark synthetic clips and forty recordings."""
    random, dark = np.random.default_rng(0), np.linspace(12, -12, 40)
    return Clips.of(
        [
            Clip(codes_coloured(random, dark).astype(np.int8), "yes", f"v{place}", TRAINING, (10, 90), name)
            for name in ("espeak-ng", "")
            for place in range(40)
        ]
        + [Clip.throughout(np.zeros((200, 40), np.int8), "silence", "noise", TRAINING)]
    )


def test_the_spread_of_people_is_that_of_the_file():
    mean_db, components_db = people()
    assert mean_db.shape == (40,) and components_db.shape == (8, 40) and mean_db.mean() == pytest.approx(0, abs=0.1)
    assert 3 < np.sqrt(np.square(components_db).sum(0)).mean() < 8


def test_a_colour_is_without_the_level_and_has_a_floor():
    energies = np.geomspace(1, 1e8, 40)
    np.testing.assert_allclose(colour_of(energies), colour_of(energies * 1000))
    assert np.ptp(colour_of(energies)) == pytest.approx(40)


def test_a_synthetic_clip_has_the_colour_of_people_on_average_and_a_recording_keeps_its_own(clips):
    colours = Colours(Frontend(), clips)
    gains = colours.draw(np.arange(80).repeat(50).reshape(80, 50), 1.0, np.random.default_rng(1))
    assert not gains[40:].any()
    own = colour_of(word_energies(clips, np.arange(40)).mean(0))
    mean_db, components_db = people()
    np.testing.assert_allclose(own + gains[:40].mean((0, 1)), mean_db, atol=0.6)
    spread = np.sqrt(np.square(components_db).sum(0))
    np.testing.assert_allclose(gains[:40].std((0, 1)), spread, rtol=0.1)


def test_some_of_the_synthetic_clips_keep_their_own_colour(clips):
    gains = Colours(Frontend(), clips).draw(np.zeros((1, 2000), int), 0.25, np.random.default_rng(2))
    assert (gains != 0).any(-1).mean() == pytest.approx(0.25, abs=0.04)


def test_another_front_end_has_the_colours_of_its_bands():
    random, frontend = np.random.default_rng(0), Frontend(20, 32, 8000)
    codes = codes_coloured(random, np.zeros(32)).astype(np.int8)
    colours = Colours(frontend, Clips.of([Clip(codes, "yes", "v", TRAINING, (0, 100), "kokoro")]))
    assert colours.draw(np.zeros((3, 5), int), 1.0, random).shape == (3, 5, 32)


@pytest.mark.parametrize("changes", [{"people_probability": 1}, {"mask_probability": 1}])
def test_what_training_hears_changes_by_that_alone(clips, changes):
    """With people's colours every clip of a synthesizer has gains of its own; with masks, bands are silent."""
    heard = []
    for some in ({}, changes):
        recipe = recipe_with(**{**NOTHING, **some})
        labels, random = np.where(clips.word == "yes", 0, 2), np.random.default_rng(0)
        layout = Composer(recipe, clips, labels).draw(30, random)
        x = Augmentation(recipe, clips, labels).draw(layout, np.random.default_rng(1)).numpy()
        heard.append(x * 64 + 85)
    plain, changed = heard
    synthetic = (clips.synthesizer[np.take_along_axis(layout.clip, layout.item, 1)] != "") & layout.sounds
    if "people_probability" in changes:
        np.testing.assert_array_equal(plain[~synthetic], changed[~synthetic])
        assert np.abs(plain - changed)[synthetic].mean() > 10
    else:
        masked = (changed == 0) & (plain > 0)
        bands = masked.any(1).sum(1)
        assert bands.min() >= 1 and bands.max() == 10 and (changed == plain)[~masked].all()
