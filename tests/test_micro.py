"""The features of ESPHome's front end: training's equations against the front end itself, and the recipes that ask for them."""

import importlib.util

import numpy as np
import pytest

from export.artefacts import export
from export.esphome.hearing import FrontEnd, features_of
from firmware.command import Failure
from firmware.frontend import Frontend
from tests.toy import TOY, toy_clips, toy_recipe, trained
from train.corpora import check_corpora
from train.corpora.clips import codes_heard, codes_of_pcm, energies_of
from train.micro import WARMING_FRAMES, codes_of_energies, energies_of_pcm
from train.recipe import parse_recipe

MICRO = Frontend(20, high_hz=7500, kind="micro")
MICRO_TOY = TOY.replace(
    "features = { mean_level = 85, right_shift = 6 }\n",
    'features = { mean_level = 32, right_shift = 6 }\nfrontend = { kind = "micro" }\n',
)
MEAN, P99 = 1.5, 20
"""Largest difference of codes; of 41 recordings of people: mean 0.19 to 1.61, 99th percentile 17 (tests/measure/esphome.py)."""


def from_front_end(pcm, optional):
    if importlib.util.find_spec("pymicro_features") is None:
        optional("pymicro-features is not installed")
    return features_of(pcm)


@pytest.mark.parametrize("rounded", [False, True], ids=["energies", "from log-mel codes"])
def test_the_equations_follow_the_front_end(sound, optional, rounded):
    pcm = sound(10) // 8 + np.random.default_rng(0).normal(0, 30, 160_000).astype(np.int16)
    exact = from_front_end(pcm, optional)
    energies = energies_of_pcm(MICRO, pcm)
    if rounded:
        energies = energies_of(codes_of_pcm(MICRO, pcm))
    found = codes_of_energies(energies, from_power_up=True)
    assert found.shape == exact.shape == (1000, 40)
    error = np.abs(found.astype(int) - exact)
    assert error.mean() <= MEAN and np.percentile(error, 99) <= P99, (error.mean(), np.percentile(error, 99))


def test_a_constant_sound_fades_and_a_new_one_stands_out():
    energies = np.full((400, 40), 1e8, np.float32)
    energies[200:210, 20] *= 100
    codes = codes_of_energies(energies).astype(int)
    assert codes[-1].max() < codes[205, 20] and codes[205, 20] - codes[205, :20].max() > 60
    np.testing.assert_array_equal(codes_of_energies(np.zeros((5, 40))), np.full((5, 40), -128))


def test_a_long_sound_is_heard_as_its_pieces_in_a_row(sound):
    energies = energies_of_pcm(MICRO, sound(40))
    whole = codes_of_energies(energies)
    np.testing.assert_array_equal(whole, codes_of_energies(np.stack([energies, energies]))[1])
    again = codes_of_energies(np.concatenate([energies[:WARMING_FRAMES][::-1], energies]), from_power_up=True)
    np.testing.assert_array_equal(whole, again[WARMING_FRAMES:])


def test_a_network_hears_every_second_frame_of_a_stream_of_frames(sound):
    codes = codes_of_pcm(MICRO, sound(3))
    every = codes_heard(Frontend(10, high_hz=7500, kind="micro"), codes)
    np.testing.assert_array_equal(codes_heard(MICRO, codes), every[1::2])


@pytest.mark.parametrize("key", ["bands = 30", "high_hz = 8000", "gate = true"])
def test_the_front_end_has_no_settings_but_the_hop(key):
    with pytest.raises(ValueError, match=f"frontend: {key.split()[0]}.*kind = micro has bands of its own"):
        parse_recipe(MICRO_TOY.replace('kind = "micro"', f'kind = "micro", {key}'), "toy")


def test_pictures_of_other_features_are_refused(data):
    with pytest.raises(ValueError, match="corpus logmel has pictures of other features.*speech_commands"):
        check_corpora(parse_recipe(MICRO_TOY, "toy"))


def test_it_trains_on_windows_of_mixed_frames_and_is_not_exported_as_c(monkeypatch):
    recipe = toy_recipe(text=MICRO_TOY)
    trainer = trained(recipe, toy_clips())
    assert trainer.progress.history[-1]["accuracy_reset"] >= 0.6
    layout, features, *_ = trainer._draw(np.random.default_rng(0))
    assert features.shape == (16, 100, 40) and layout.places.tolist() == list(range(1, 200, 2))
    monkeypatch.setattr("export.artefacts.load_model", lambda name: (_ModelOf(recipe), "here"))
    with pytest.raises(
        Failure, match="are ESPHome's, which this firmware does not compute; run `make esphome RECIPE=toy`"
    ):
        export("toy")


class _ModelOf:
    def __init__(self, recipe):
        self.frontend = recipe.front


@pytest.mark.parametrize("samples", [0, 100])
def test_a_block_that_completes_no_frame_has_no_features(optional, samples):
    from_front_end(np.zeros(0, np.int16), optional)  # skipped where the front end is not installed
    assert FrontEnd().hear(np.zeros(samples, np.int16)).shape == (0, 40)
