"""Intervals and tests of accuracy, the log of looks at test recordings, plots, and model cards."""

import math
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from calibration import plots
from calibration.hearing import hear_folder
from calibration.looks import note_look
from calibration.records import Look, SeedRun, Seeds
from calibration.significance import mcnemar, wilson
from export import ship
from export.card import looks_table, seeds_table, source_lines
from firmware.files import read_json, write_json, write_whole
from firmware.host.binding import SpotterC
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS
from firmware.recipes import shipped_models
from tests.measure import seeds, trials
from tests.measure.trials import changed
from tests.records import A, B, evaluation
from tests.toy import toy_clips, toy_recipe, trained
from train.checkpoint import resume, save_checkpoint
from train.loop import Trainer
from train.recipe import load_recipe
from train.train_json import TrainJson


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_mcnemars_p_is_that_of_a_fair_coin(pairs):
    one, other = np.array(pairs).T
    found = mcnemar(one, other)
    assert found.lost - found.gained == one.sum() - other.sum()
    discordant = found.lost + found.gained
    assert discordant == (one != other).sum()
    tail = sum(math.comb(discordant, lost) for lost in range(min(found.lost, found.gained) + 1))
    assert found.p == pytest.approx(min(1, 2 * tail / 2**discordant))


def test_thousands_of_discordant_pairs_do_not_overflow():
    one = np.arange(10_000) % 3 == 0
    assert mcnemar(one, ~one).p < 1e-100


@given(count=st.integers(1, 5000), share=st.floats(0, 1))
def test_the_wilson_interval_is_where_a_share_is_196_deviations_away(count, share):
    successes = round(share * count)
    low, high = wilson(successes, count)
    assert 0 <= low <= successes / count <= high <= 1 and not f"{low:.1%}".startswith("-")
    for end in (low, high):
        if 0 < end < 1:
            assert (successes / count - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / count, rel=1e-5)


def test_a_look_is_noted_once_for_a_model_and_its_recordings(tmp_path):
    path = tmp_path / "looks.json"
    one, other = evaluation(), evaluation(model_sha256="c" * 64, accuracy=0.7)
    for heard in (one, one, other, one):
        note_look(heard, "half", path)
    looks = read_json(path, list[Look])
    assert [look.accuracy for look in looks] == [0.9, 0.7]
    table = looks_table(looks, other)
    assert "| **this one** `cccccccccccc` | half | 10 | 1 | 0.7000 |" in table and "**this one** `aaaa" not in table
    assert "p = 1.00" in table


def test_the_table_of_seeds_has_their_mean():
    runs = (SeedRun(seed=seed, weights_sha256=A, reset=seed / 10, streamed=0.5, float=0.6) for seed in (1, 2, 3))
    table = seeds_table(Seeds(best=3, runs=tuple(runs)))
    assert "| 3, ships | 0.3000 |" in table and "| mean | 0.2000 | 0.5000 | 0.6000 |" in table


def test_the_plots_of_a_model_are_written(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    recipe = tmp_path / "commands-80k"
    write_json(recipe / "evaluation.json", evaluation())
    trained = read_json(MODELS / "commands-80k" / "train.json", TrainJson)
    for folder in ("commands-80k", "commands-80k-seed2"):
        write_json(tmp_path / folder / "train.json", trained)
    plots.save(plots.learning_curves("commands-80k", recipe), recipe / "learning.png")
    plots.save(plots.confusion_matrix("commands-80k", evaluation()), recipe / "confusion.png")
    plots.save(plots.accuracy_against_size(), tmp_path / "docs" / "accuracy-size.png")
    pictures = [recipe / "learning.png", recipe / "confusion.png", tmp_path / "docs" / "accuracy-size.png"]
    first = [path.read_bytes() for path in pictures]
    assert all(picture.startswith(b"\x89PNG") for picture in first)
    plots.save(plots.confusion_matrix("commands-80k", evaluation()), recipe / "confusion.png")
    assert pictures[1].read_bytes() == first[1], "the same figures, the same bytes"


def test_a_trial_with_a_setting_out_of_range_is_refused():
    recipe = load_recipe("commands-80k")
    assert changed(recipe, "trial", training={"epochs": 3}).training.epochs == 3
    assert changed(recipe, "trial", teacher={"recipe": "commands-20k"}).teacher.weight == 10.0
    with pytest.raises(ValueError, match="epochs"):
        changed(recipe, "trial", training={"epochs": 0})


def test_a_card_shows_the_seeds_of_these_weights_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    monkeypatch.setattr(ship, "MODELS", tmp_path / "shipped")
    figures = {"reset": 0.9, "streamed": 0.9, "float": 0.9}
    runs = (SeedRun(seed=1, weights_sha256=A, **figures), SeedRun(seed=2, weights_sha256=B, **figures))
    write_json(tmp_path / "r" / "seeds.json", Seeds(best=2, runs=runs))
    model = SimpleNamespace(sha256=lambda: B)
    assert ship.seeds_of("r", model).best == 2
    assert ship.seeds_of("r", SimpleNamespace(sha256=lambda: A)) is None
    assert ship.seeds_of("another", model) is None


def build_shipped(name, folder, monkeypatch):
    """A BUILD that has a model that ships as its newest export."""
    shutil.copytree(MODELS / name, folder / name / "firmware")
    shutil.copy(MODELS / name / "train.json", folder / name)
    monkeypatch.setenv("BUILD", str(folder))


@pytest.mark.parametrize("name", sorted(path.name for path in MODELS.iterdir() if path.is_dir()))
def test_what_ships_is_what_ship_writes(name, tmp_path, monkeypatch):
    build_shipped(name, tmp_path / "build", monkeypatch)
    ship.ship(name, tmp_path)
    for path in (MODELS / name).iterdir():
        assert (tmp_path / name / path.name).read_bytes() == path.read_bytes(), path


def test_a_folder_with_other_files_is_not_replaced(tmp_path, monkeypatch):
    """For example the recordings of a corpus of the same name, with INTO=DATA."""
    build_shipped("commands-6k", tmp_path / "build", monkeypatch)
    recording = tmp_path / "data" / "commands-6k" / "yes" / "ann_1.wav"
    recording.parent.mkdir(parents=True)
    recording.touch()
    with pytest.raises(ValueError, match=f"^{tmp_path}/data/commands-6k: contains yes, which ship did not write"):
        ship.ship("commands-6k", tmp_path / "data")
    assert recording.exists()
    ship.ship("commands-6k", tmp_path / "elsewhere")
    ship.ship("commands-6k", tmp_path / "elsewhere")


def test_an_export_with_another_detector_is_not_shipped(tmp_path, monkeypatch):
    """The export of a trial has the recipe's weights, but thresholds that were not calibrated."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    shipped = MODELS / "commands-80k"
    for name in (*MODEL_C, MODEL_JSON):
        text = (shipped / name).read_text().replace(read_model_json(shipped).model_id, "0" * 8)
        write_whole(tmp_path / "commands-80k" / "firmware" / name, text)
    with pytest.raises(ValueError, match="exported with another calibration: run `make export RECIPE=commands-80k`"):
        ship.ship("commands-80k")


@pytest.mark.parametrize("name", shipped_models())
def test_a_card_names_what_the_model_heard_and_nothing_that_its_recipe_has_come_to_since(name):
    settings = read_json(MODELS / name / "train.json", TrainJson).settings
    card = (MODELS / name / "README.md").read_text()
    listed = card.split("Sources:\n\n")[1].split("\n\nLicence")[0]
    assert listed.splitlines() == list(source_lines(settings))
    assert (" music, made by the toolchain" in listed) == any(
        corpus.get("made") == "music" for corpus in settings["corpora"]
    )


def test_the_winning_seed_becomes_the_recipes_own(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    recipe = toy_recipe().model_copy(update={"seed": 2})
    trial = changed(recipe, "toy-seed2", seed=2)
    run = trained(trial, toy_clips(per_word=10))
    save_checkpoint(tmp_path / "toy-seed2" / "checkpoint.pt", run)
    about = read_json(MODELS / "commands-80k" / "train.json", TrainJson).model_copy(update={"recipe": "toy-seed2"})
    write_json(tmp_path / "toy-seed2" / "train.json", about)
    seeds.place(recipe)
    resume(Trainer(recipe, toy_clips(per_word=10)), tmp_path / "toy" / "checkpoint.pt")
    assert read_json(tmp_path / "toy" / "train.json", TrainJson).recipe == "toy"
    monkeypatch.setattr(trials, "train", lambda recipe: pytest.fail("it is trained to its end"))
    trials.train_once(recipe)


@pytest.mark.parametrize(
    "recipe, told", [("voice-2k", ""), ("commands-6k", "not keywords, counted as unknown: bed 1 (1 clip)\n")]
)
def test_other_words_are_told_of_models_that_have_unknown_words(recipe, told, sound, tmp_path, capsys):
    (tmp_path / "bed").mkdir()
    soundfile.write(tmp_path / "bed" / "ann_1.wav", sound(1), 16_000)
    hear_folder(SpotterC(MODELS / recipe), tmp_path)
    assert capsys.readouterr().out == told
