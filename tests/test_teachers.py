"""A teacher, and what a recipe learns from it."""

import pytest
import torch
from torch.nn.functional import kl_div

from tests.toy import TOY, toy_clips, toy_recipe, trained
from train.checkpoint import resume, save_checkpoint
from train.loop import Trainer

TAUGHT = '[teacher]\nrecipe = "teacher"\nweight = 3.0\ntemperature = 2.0\n\n[training]'


@pytest.fixture(scope="module")
def teacher():
    return trained(toy_recipe("units = 8", "units = 16"), toy_clips())


@pytest.fixture
def taught(teacher, tmp_path, monkeypatch):
    """taught(recipe): its trainer, with the teacher in BUILD."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    (tmp_path / "teacher").mkdir()
    save_checkpoint(tmp_path / "teacher" / "checkpoint.pt", teacher)
    return lambda recipe: Trainer(recipe, toy_clips())


def test_a_teacher_has_the_opinion_that_it_was_trained_to(taught, teacher):
    teaching = taught(toy_recipe("[training]", TAUGHT)).teaching
    teacher.validation.accuracies(teacher.averaged)
    network, features = teacher.validation.network, teacher.validation.features
    logits, _ = network(features, network.zero_states(len(features)))
    torch.testing.assert_close(teaching.log_posteriors(features), (logits / 2).log_softmax(2))


def test_the_loss_is_the_mean_divergence_from_the_teacher_at_every_hop(taught):
    teaching = taught(toy_recipe("[training]", TAUGHT)).teaching
    features, logits = torch.randn(6, 50, 40), torch.randn(6, 50, 4)
    opinion = teaching.log_posteriors(features)
    apart = [
        kl_div((logits[:, hop] / 2).log_softmax(1), opinion[:, hop], reduction="batchmean", log_target=True)
        for hop in range(50)
    ]
    torch.testing.assert_close(teaching.loss(logits, features), 3 * 4 * torch.stack(apart).mean())
    agreed = teaching.loss(2 * opinion, features)
    torch.testing.assert_close(agreed, torch.zeros(()), atol=1e-5, rtol=0)


def test_a_pupil_learns_the_toy(taught):
    trainer = taught(toy_recipe("[training]", TAUGHT))
    while not trainer.progress.finished(trainer.settings):
        trainer.train_epoch()
    assert trainer.progress.history[-1]["accuracy_reset"] > 0.9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('recipe = "teacher"', 'recipe = "hello"', "no trained teacher; run `make train RECIPE=hello` first"),
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
