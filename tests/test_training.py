"""Training on a toy: it learns, repeats itself, carries its state, and goes on from a kill as if nothing had been."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import ROOT
from tests.toy import CLASSIFIER, assert_equal_weights, toy_clips, toy_recipe, trained
from train.checkpoint import FORMAT, model_in, read_checkpoint, resume, save_checkpoint
from train.decision import decide, followed_by_silence, of_clips_alone
from train.loop import Trainer
from train.recipe import load_recipe
from train.training import threads, train
from train.validation_clips import ValidationClips

SPOKEN = """
keywords = ["yes"]
units = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [
    { kind = "speech", clips_per_word = { espeak-ng = 2 }, other_words = ["no"] },
    { kind = "background", minutes = 1 },
]

[training]
epochs = 3
windows = 8
batch = 4
"""

KILLED = """
import os, signal, sys, torch
import train.training as program
from train.recipe import load_recipe

def save_and_die(path, trainer):
    save(path, trainer)
    os.kill(os.getpid(), signal.SIGKILL)

save, program.save_checkpoint = program.save_checkpoint, save_and_die
torch.set_num_threads(1)
program.train(load_recipe(sys.argv[1]))
"""


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Weights are compared bit by bit, and sums depend on the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def without_seconds(history):
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history]


DISCIPLINE = """averaging = 0.9
muon_learning_rate = 0.02
normalise = true"""


@pytest.fixture(scope="module", params=["averaging = 0.9", DISCIPLINE], ids=["plain", "discipline"])
def settings_of_run(request):
    """Training settings of the toy: few, and all that draw from a generator or keep a state of their own."""
    return request.param


@pytest.fixture(scope="module")
def whole_run(one_thread, settings_of_run):
    return trained(toy_recipe("averaging = 0.9", settings_of_run), toy_clips())


def test_the_toy_is_learned(whole_run):
    last = whole_run.progress.history[-1]
    assert last["accuracy_reset"] > 0.9
    assert last["accuracy_streamed"] > 0.9
    assert last["loss"] < whole_run.progress.history[0]["loss"]


def test_the_kept_weights_decide_clips_as_validation_says(whole_run, tmp_path):
    """The trained Model in numpy, from a checkpoint, is as right as torch found it."""
    save_checkpoint(tmp_path / "checkpoint.pt", whole_run)
    clips = ValidationClips.of(whole_run.recipe, toy_clips())
    model = model_in(tmp_path / "checkpoint.pt")
    logits, _ = model.run(followed_by_silence(model.frontend, clips.codes))
    accuracy = (decide(model.frontend, of_clips_alone(model.frontend, logits), 2) == clips.labels).mean()
    assert accuracy == pytest.approx(whole_run.progress.history[-1]["accuracy_reset"])


def test_training_twice_gives_the_same_weights(whole_run):
    again = trained(whole_run.recipe, toy_clips())
    assert_equal_weights(whole_run.averaged, again.averaged)
    assert without_seconds(whole_run.progress.history) == without_seconds(again.progress.history)


def test_another_seed_gives_other_weights(whole_run):
    other = trained(toy_recipe("units = 8", "units = 8\nseed = 2"), toy_clips())
    assert not torch.equal(whole_run.averaged[CLASSIFIER], other.averaged[CLASSIFIER])


def test_a_run_resumed_after_every_epoch_ends_with_the_same_weights(whole_run, tmp_path):
    path, recipe, clips = tmp_path / "checkpoint.pt", whole_run.recipe, toy_clips()
    for epoch in range(recipe.training.epochs):
        trainer = Trainer(recipe, clips)
        if epoch:
            resume(trainer, path)
        trainer.train_epoch()
        save_checkpoint(path, trainer)
    assert_equal_weights(whole_run.averaged, trainer.averaged)
    assert all(torch.equal(*pair) for pair in zip(whole_run.states, trainer.states, strict=True))
    assert without_seconds(whole_run.progress.history) == without_seconds(trainer.progress.history)


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    """Killed behind its first checkpoint and run again, against a run never killed."""
    recipe = tmp_path / "spoken.toml"
    recipe.write_text(SPOKEN)
    killed, whole = (tmp_path / name / "spoken" for name in ("killed", "whole"))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, recipe],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "BUILD": str(killed.parent)},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert read_checkpoint(killed / "checkpoint.pt").progress.epoch == 1
    for folder in (killed, whole):
        monkeypatch.setenv("BUILD", str(folder.parent))
        train(load_recipe(str(recipe)))
    assert_equal_weights(*(read_checkpoint(folder / "checkpoint.pt").averaged for folder in (killed, whole)))
    histories = [
        without_seconds(json.loads((folder / "train.json").read_text())["history"]) for folder in (killed, whole)
    ]
    assert len(histories[0]) == 3
    assert histories[0] == histories[1]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
@example(share=0)
@example(share=1e-4)
def test_a_checkpoint_cut_short_is_named(whole_run, tmp_path, share):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, whole_run)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(
        ValueError,
        match=rf"^{path}: not a complete checkpoint of format {FORMAT} \(damaged\); remove it to train again$",
    ):
        read_checkpoint(path)


@pytest.mark.parametrize("given", ["-1", "two", "0", "2,1", "9" * 12])
def test_a_number_of_threads_that_is_none_is_named(monkeypatch, given):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    with pytest.raises(ValueError, match=f"^OMP_NUM_THREADS={given}: give a number of threads"):
        threads()


def test_a_checkpoint_of_another_format_is_named(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"format": 0}, path)
    with pytest.raises(ValueError, match=f"^{path}: not a complete checkpoint of format {FORMAT}"):
        read_checkpoint(path)


def test_a_checkpoint_from_before_a_key_came_to_recipes_goes_on(whole_run, tmp_path):
    """The key is not in it, and had its default then; a checkpoint whose key is no longer known is refused."""
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, whole_run)
    checkpoint = torch.load(path, weights_only=True)
    settings = json.loads(checkpoint["recipe"])
    del settings["depthwise_frames"]
    torch.save({**checkpoint, "recipe": json.dumps(settings)}, path)
    resume(Trainer(whole_run.recipe, toy_clips()), path)
    torch.save({**checkpoint, "recipe": json.dumps({**settings, "width": 3})}, path)
    with pytest.raises(ValueError, match="made by another version of recipe toy"):
        resume(Trainer(whole_run.recipe, toy_clips()), path)


def test_a_checkpoint_of_another_recipe_is_refused(whole_run, tmp_path):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, whole_run)
    other = Trainer(toy_recipe("averaging = 0.9", "averaging = 0.8"), toy_clips())
    with pytest.raises(ValueError, match=f"^{path}: made by another version of recipe toy"):
        resume(other, path)


def test_a_checkpoint_of_other_clips_is_refused(whole_run, tmp_path):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, whole_run)
    with pytest.raises(ValueError, match=f"^{path}: made from other clips than DATA has now"):
        resume(Trainer(whole_run.recipe, toy_clips(per_word=101)), path)


def test_a_checkpoint_made_with_other_rooms_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA", str(tmp_path))
    (tmp_path / "rooms").mkdir()
    recipe = toy_recipe("[augmentation]", '[augmentation]\nroom_probability = 0.5\nrooms = "rooms"')
    click = np.zeros(8000, np.int16)
    click[0] = 20_000

    def trainer():
        soundfile.write(tmp_path / "rooms" / "hall.wav", click, SAMPLE_RATE_HZ, "PCM_16")
        return Trainer(recipe, toy_clips(per_word=5))

    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, trainer())
    resume(trainer(), path)
    click[2000] = 10_000
    with pytest.raises(ValueError, match=f"^{path}: made with other rooms than DATA has now"):
        resume(trainer(), path)
