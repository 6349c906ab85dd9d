"""Which model is built: a recipe's fresh export, else the shipped one; and what is said of it."""

import os
import shutil

import pytest

from calibration.models import load_model
from calibration.streams import measurement
from firmware import recipes
from firmware.compile.cores import CORES
from firmware.cost import measure as cost
from firmware.image import board_image, core_image
from firmware.image.board import known_boards
from firmware.model_json import MODEL_C, MODEL_JSON
from firmware.paths import MODELS, RECIPES, ROOT
from firmware.recipes import model_folder, model_folders_told, recipe_name, recipe_names

RECIPE = "commands-6k"


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """BUILD, in which the recipe was trained and exported."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    folder = tmp_path / RECIPE / "firmware"
    folder.mkdir(parents=True)
    for name in (*MODEL_C, MODEL_JSON):
        shutil.copy(MODELS / RECIPE / name, folder)
    (tmp_path / RECIPE / "checkpoint.pt").touch()
    return folder


@pytest.mark.parametrize(
    "seconds_after, said", [(-1, ""), (1, "; the training is newer: `make export RECIPE=commands-6k`")]
)
def test_a_fresh_export_goes_first_and_one_older_than_the_training_is_told(exported, capsys, seconds_after, said):
    made = (exported / "kws_model.c").stat().st_mtime
    os.utime(exported.parent / "checkpoint.pt", (made + seconds_after,) * 2)
    assert model_folders_told([RECIPE], "packaging") == [exported]
    assert capsys.readouterr().err.startswith(f"packaging the model in {exported}{said}")


def test_the_own_training_goes_first_even_if_it_is_older_than_what_ships(exported):
    """A fresh clone is newer than every training."""
    os.utime(exported.parent / "checkpoint.pt", (0, 0))
    with pytest.raises(ValueError, match=f"^{exported.parent}/checkpoint.pt: not a complete checkpoint"):
        load_model(RECIPE)


def test_a_shipped_model_is_built_where_none_was_exported(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BUILD", str(tmp_path))
    assert model_folders_told([RECIPE], "building for m4 with") == [MODELS / RECIPE]
    assert capsys.readouterr().err == f"building for m4 with the model in {MODELS / RECIPE}\n"


@pytest.mark.parametrize(
    "is_trained, said",
    [
        (False, "run `make train RECIPE=mine`, then `make calibrate RECIPE=mine`, then `make export RECIPE=mine`"),
        (True, "run `make export RECIPE=mine`"),
    ],
)
def test_where_there_is_neither_it_says_what_makes_one_and_what_is_ready(tmp_path, monkeypatch, is_trained, said):
    monkeypatch.setenv("BUILD", str(tmp_path))
    (tmp_path / "mine").mkdir()
    if is_trained:
        (tmp_path / "mine" / "checkpoint.pt").touch()
    with pytest.raises(FileNotFoundError, match=f"{said}; ready are commands-20k, commands-6k, commands-80k"):
        model_folders_told(["mine"], "packaging")


@pytest.mark.parametrize(
    "given, repeated",
    [
        ("words/own.toml", "words/own.toml"),
        ("my words/own.toml", "'my words/own.toml'"),
        ("my words/own & 1.toml", "'my words/own & 1.toml'"),
    ],
)
def test_advice_repeats_the_recipe_as_it_was_given(given, repeated, monkeypatch, tmp_path):
    monkeypatch.setenv("BUILD", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["export", "--", given])
    monkeypatch.chdir(tmp_path)
    (tmp_path / given).parent.mkdir()
    (tmp_path / given).touch()
    with pytest.raises(
        FileNotFoundError, match=f"run `make train RECIPE={repeated}`, then `make calibrate RECIPE={repeated}`"
    ):
        model_folder(recipe_name(given))
    with pytest.raises(FileNotFoundError, match=f"no trained model of recipe own.*run `make train RECIPE={repeated}`"):
        load_model(recipe_name(given))


NO_SUCH = "no such recipe; there are: " + ", ".join(
    sorted({path.stem for path in RECIPES.glob("*.toml")} | {path.name for path in MODELS.iterdir()})
)


@pytest.mark.parametrize(
    "given, place", [("nope", r"train/recipes/nope\.toml"), ("words/own.toml", r"^words/own\.toml")]
)
def test_a_recipe_that_does_not_exist_is_refused_by_name(given, place, monkeypatch, tmp_path):
    monkeypatch.setenv("BUILD", str(tmp_path))
    with pytest.raises(ValueError, match=f"{place}: {NO_SUCH}"):
        recipe_name(given)
    with pytest.raises(ValueError, match=f"{place}: {NO_SUCH}"):
        recipe_names(f"{RECIPE} {given}")


@pytest.mark.parametrize("made", ["checkpoint.pt", f"firmware/{MODEL_JSON}"])
def test_a_recipe_whose_file_is_gone_is_there_as_long_as_its_model_is(made, monkeypatch, tmp_path):
    monkeypatch.setenv("BUILD", str(tmp_path))
    (tmp_path / "own" / made).parent.mkdir(parents=True)
    (tmp_path / "own" / made).touch()
    assert recipe_name("own") == recipe_name("words/own.toml") == "own"


def refuse(*_, **__):
    raise AssertionError("built before every name was looked up")


@pytest.mark.parametrize(
    "build",
    [
        lambda recipes: core_image.build_spotter(recipes, CORES["m4"]),
        lambda recipes: board_image.build_board(recipes, known_boards()["pico"]),
        lambda recipes: cost.measure_images(cost.images_of(recipes)),
        lambda recipes: measurement.measure(recipes[-1], "small"),
    ],
    ids=["spotter", "board", "cost", "stream"],
)
def test_nothing_is_built_or_said_before_every_model_is_found(build, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("BUILD", str(tmp_path))
    for module, name in ((core_image, "whole_folder"), (board_image, "whole_folder"), (cost, "build_counted")):
        monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr(measurement, "build", refuse)
    with pytest.raises(FileNotFoundError, match="no exported model of recipe hello"):
        build([RECIPE, "hello"])
    assert not capsys.readouterr().err


def test_no_advice_leaves_out_what_was_given():
    """It is made by make_command; cards and generated C name the recipe, whoever made them."""
    for path in (
        path for package in ("firmware", "train", "calibration", "export") for path in (ROOT / package).rglob("*.py")
    ):
        assert "RECIPE={" not in path.read_text() or path.name in ("recipes.py", "card.py", "c_text.py"), path


def test_what_a_killed_ship_leaves_is_no_model(tmp_path, monkeypatch):
    for folder in ("commands-6k", ".commands-20k.part"):
        (tmp_path / folder).mkdir()
    shutil.copy(MODELS / RECIPE / "kws_model.c", tmp_path / RECIPE)
    monkeypatch.setattr(recipes, "MODELS", tmp_path)
    assert recipes.shipped_models() == [RECIPE]
