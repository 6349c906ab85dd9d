"""A teacher, and what a recipe learns from it."""

import sys

import numpy as np
import pytest
import torch
from torch.nn.functional import kl_div

from export.ship import WEIGHTS_BYTES_AT_MOST
from firmware.command import Failure
from firmware.paths import MODELS, TEACHERS
from tests.toy import TOY, toy_clips, toy_recipe, trained
from train import trained as trained_file
from train import training
from train.checkpoint import resume, save_checkpoint
from train.distillation import Teaching
from train.loop import Trainer
from train.model import Model
from train.network import Network, initial_layers, model_of
from train.recipe import load_recipe
from train.sections import TeacherSection
from train.trained import trained_model

TAUGHT = '[teacher]\nrecipe = "teacher"\nweight = 3.0\ntemperature = 2.0\n\n[training]'


@pytest.fixture(scope="module")
def teacher():
    return trained(toy_recipe("units = 8", "units = 16"), toy_clips())


@pytest.fixture
def taught(teacher, tmp_path, monkeypatch):
    """taught(recipe): its trainer, with the teacher in BUILD, and two of other seeds, of which one is its own opposite."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    trained_weights, opposite = teacher.averaged, dict(teacher.averaged)
    opposite["weights.logits.input_weights"] = -opposite["weights.logits.input_weights"]
    for name, weights in (
        ("teacher", trained_weights),
        ("teacher-seed1", trained_weights),
        ("teacher-seed2", opposite),
    ):
        (tmp_path / name).mkdir()
        teacher.averaged = weights
        save_checkpoint(tmp_path / name / "checkpoint.pt", teacher)
    teacher.averaged = trained_weights
    return lambda recipe: Trainer(recipe, toy_clips())


def opinion_of(teacher, features, temperature=2.0):
    """The log-posteriors of the teacher's float model over features from zero states."""
    network = Network(model_of(teacher.recipe, teacher.averaged).layers)
    logits, _ = network(features, network.zero_states(len(features)))
    return (logits / temperature).log_softmax(2).detach()


def test_a_teacher_has_the_opinion_that_it_was_trained_to(taught, teacher):
    teaching = taught(toy_recipe("[training]", TAUGHT)).teaching
    features = torch.randn(teaching.windows, 60, 40)
    wanted = opinion_of(teacher, features)
    torch.testing.assert_close(teaching.log_posteriors(features, torch.ones(len(features), 1)), wanted)


def test_a_teacher_hears_a_stream_until_a_row_begins_a_new_one(taught, teacher):
    teaching = taught(toy_recipe("[training]", TAUGHT)).teaching
    rows = teaching.windows
    features, kept = torch.randn(rows, 60, 40), torch.ones(rows, 1)
    whole, second = opinion_of(teacher, features), opinion_of(teacher, features[:, 30:])
    teaching.log_posteriors(features[:, :30], kept)
    kept[0] = 0
    found = teaching.log_posteriors(features[:, 30:], kept)
    torch.testing.assert_close(found[1:], whole[1:, 30:], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[0], second[0], rtol=1e-4, atol=1e-4)
    teaching.begin()
    torch.testing.assert_close(teaching.log_posteriors(features, torch.ones(rows, 1)), whole)


def test_teachers_of_several_seeds_have_the_mean_of_their_opinions(taught, teacher):
    seeds = 'recipe = "teacher"\nseeds = [1, 2]'
    teaching = taught(toy_recipe("[training]", TAUGHT.replace('recipe = "teacher"', seeds))).teaching
    teaching.networks[1].weights["logits"].bias.data.copy_(-teaching.networks[0].weights["logits"].bias)
    features = torch.randn(teaching.windows, 60, 40)
    found = teaching.log_posteriors(features, torch.ones(len(features), 1))
    torch.testing.assert_close(found, torch.full_like(found, 1 / 4).log(), rtol=1e-3, atol=1e-3)


def test_the_loss_is_the_mean_divergence_from_the_teacher_at_every_hop(taught):
    teaching = taught(toy_recipe("[training]", TAUGHT)).teaching
    logits, opinion = torch.randn(6, 50, 4), torch.randn(6, 50, 4).log_softmax(2)
    apart = [
        kl_div((logits[:, hop] / 2).log_softmax(1), opinion[:, hop], reduction="batchmean", log_target=True)
        for hop in range(50)
    ]
    torch.testing.assert_close(teaching.loss(logits, opinion), 3 * 4 * torch.stack(apart).mean())
    agreed = teaching.loss(2 * opinion, opinion)
    torch.testing.assert_close(agreed, torch.zeros(()), atol=1e-5, rtol=0)


def test_a_model_that_ships_is_a_teacher_without_a_training_of_it():
    recipe = load_recipe("commands-6k").model_copy(update={"teacher": TeacherSection(recipe="commands-20k")})
    teaching, shipped = Teaching(recipe), Model.load(MODELS / "commands-20k" / "weights.npz")
    codes = np.random.default_rng(0).integers(-128, 128, (teaching.windows, 20, 40)).astype(np.int8)
    found = teaching.log_posteriors(torch.from_numpy(shipped.features.real(codes)), torch.ones(teaching.windows, 1))
    np.testing.assert_allclose(found.exp(), np.exp(log_softmax(shipped.run(codes)[0])), atol=1e-4)


@pytest.mark.parametrize("path", sorted(TEACHERS.glob("*.npz")), ids=lambda path: path.stem)
def test_a_teacher_that_the_tree_keeps_is_one_of_a_recipe(path, tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    recipe = load_recipe(path.stem.partition("-seed")[0])
    model, found = trained_model(path.stem)
    assert found == path and path.stat().st_size <= WEIGHTS_BYTES_AT_MOST
    assert (model.labels, model.features) == (recipe.labels, recipe.feature_map)
    assert model.layers.keys() == initial_layers(recipe, np.random.default_rng(0)).keys()


def test_the_weights_of_a_finished_training_are_kept_for_git(taught, tmp_path, monkeypatch):
    taught(toy_recipe("[training]", TAUGHT))  # its teachers are in BUILD
    monkeypatch.setattr(trained_file, "TEACHERS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["trained", "teacher-seed1"])
    trained_file.main()
    assert Model.load(tmp_path / "teacher-seed1.npz").sha256() == trained_model("teacher-seed1")[0].sha256()
    monkeypatch.setattr(sys, "argv", ["trained", "nobody"])
    with pytest.raises(Failure, match="nobody/checkpoint.pt: no such training"):
        trained_file.main()


def test_a_teacher_of_one_seed_is_found_by_its_own_name(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    section = TeacherSection(recipe="commands-teacher-seed1")
    teaching = Teaching(load_recipe("commands-6k").model_copy(update={"teacher": section}))
    assert len(teaching.networks) == 1


def test_what_would_stop_a_training_is_told_before_its_corpora_are_heard(taught, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "load_corpora", None)
    with pytest.raises(ValueError, match="no such recipe"):
        training.train(toy_recipe('recipe = "teacher"', 'recipe = "nobody"', TOY.replace("[training]", TAUGHT)))
    (tmp_path / "toy").mkdir()
    save_checkpoint(tmp_path / "toy" / "checkpoint.pt", taught(toy_recipe("[training]", TAUGHT)))
    with pytest.raises(ValueError, match="toy/checkpoint.pt: made by another version of recipe toy"):
        training.train(toy_recipe())


def log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=2, keepdims=True)


def test_a_pupil_learns_the_toy(taught):
    trainer = taught(toy_recipe("[training]", TAUGHT))
    while not trainer.progress.finished(trainer.settings):
        trainer.train_epoch()
    assert trainer.progress.history[-1]["accuracy_reset"] > 0.9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('recipe = "teacher"', 'recipe = "hello"', "no trained teacher; run `make train RECIPE=hello` first"),
        ('recipe = "teacher"', 'recipe = "hello"\nseeds = [7]', "hello-seed7.*run `make seeds RECIPE=hello` first"),
        ('recipe = "teacher"', 'recipe = "nobody"', "nobody.toml: no such recipe; there are: commands-20k"),
        ('["yes", "stop"]', '["yes", "banana"]', "recipe toy and its teacher have different labels"),
        ("mean_level = 85", "mean_level = 80", "recipe toy and its teacher have different feature_map"),
    ],
)
def test_a_teacher_that_cannot_teach_is_refused(taught, old, new, message):
    text = TOY.replace("[training]", TAUGHT)
    with pytest.raises(ValueError, match=message):
        taught(toy_recipe(old, new, text))


def test_a_teacher_still_in_training_is_refused(taught, teacher, tmp_path):
    path = tmp_path / "teacher" / "checkpoint.pt"
    checkpoint = torch.load(path, weights_only=True)
    torch.save({**checkpoint, "progress": {**checkpoint["progress"], "epoch": 1}}, path)
    with pytest.raises(ValueError, match="its training has not finished; `make train RECIPE=toy` continues it"):
        taught(toy_recipe("[training]", TAUGHT))


def test_a_pupil_of_another_teacher_does_not_go_on(taught, tmp_path):
    recipe, path = toy_recipe("[training]", TAUGHT), tmp_path / "pupil.pt"
    save_checkpoint(path, taught(recipe))
    resume(taught(recipe), path)
    of_teacher = tmp_path / "teacher" / "checkpoint.pt"
    checkpoint = torch.load(of_teacher, weights_only=True)
    checkpoint["averaged"]["weights.logits.bias"] += 1
    torch.save(checkpoint, of_teacher)
    with pytest.raises(ValueError, match="made with other weights of its teacher"):
        resume(taught(recipe), path)
