"""An epoch of training on a toy: states carried, averages kept, corpora that lack a class, every cell."""

import pytest
import torch

from tests.toy import TOY, toy_clips, toy_recipe, trained
from train.layers import CELLS
from train.loop import Trainer
from train.splits import TRAINING, VALIDATION


def states_given(reset_probability):
    """The state each row of each batch of an epoch began with, and the one it ended with."""
    trainer = Trainer(toy_recipe("epochs = 4", f"epochs = 4\nreset_probability = {reset_probability}"), toy_clips())
    given_states, last_states = [], []

    def note(_, inputs, outputs):
        given_states.append(inputs[1][0].detach().clone())
        last_states.append(outputs[1][0].detach().clone())

    hook = trainer.network.register_forward_hook(note)
    trainer.train_epoch()
    hook.remove()
    return torch.stack(given_states), torch.stack(last_states)


def test_a_window_begins_with_the_state_of_the_window_before_it():
    given_states, last_states = states_given(reset_probability=0)
    assert last_states.abs().max() > 0.1
    assert torch.equal(given_states[1:], last_states[:-1])


def test_a_row_that_is_reset_begins_with_nothing():
    given_states, _ = states_given(reset_probability=1)
    assert not given_states.any()


def test_each_row_is_reset_on_its_own_and_as_often_as_the_recipe_says():
    given_states, last_states = states_given(reset_probability=0.5)
    reset = (given_states[1:] == 0).all(dim=2)
    assert torch.equal(given_states[1:][~reset], last_states[:-1][~reset])
    assert 0.35 < reset.float().mean() < 0.65
    assert not reset.all(dim=1).any() and reset.any(dim=1).all()


def test_no_gradient_reaches_the_window_before():
    trainer = Trainer(toy_recipe(), toy_clips())
    trainer.train_epoch()
    assert not any(state.requires_grad for state in trainer.states)


@pytest.mark.parametrize("missing", ["yes", "unknown", "silence"])
@pytest.mark.parametrize("split", [TRAINING, VALIDATION])
def test_a_class_without_clips_is_named(missing, split):
    clips = toy_clips(per_word=5)
    of_class = clips.word == {"unknown": "banana"}.get(missing, missing)
    with pytest.raises(ValueError, match=f"recipe toy: its corpora have no {split} clip of '{missing}'"):
        Trainer(toy_recipe(), clips.select(~(of_class & (clips.split == split))))


def test_a_keyword_that_does_not_fit_in_a_window_is_named():
    clips = toy_clips(per_word=5)
    clips.span[clips.word == "stop", 0] = 10
    short = toy_recipe("window_ms = 2000", "window_ms = 1100")
    with pytest.raises(ValueError, match=r"^recipe toy: 'stop' takes 800 ms; .* longer than mixing.window_ms = 1100$"):
        Trainer(short, clips)


@pytest.mark.parametrize("batch", [64, 1000])
def test_a_batch_may_hold_more_windows_than_there_are_clips(batch):
    """A few recordings of one's own and the batch of a large corpus."""
    trainer = Trainer(toy_recipe("batch = 16", f"batch = {batch}"), toy_clips(per_word=5))
    trainer.train_epoch()
    assert trainer.progress.step >= 1


def test_how_far_an_lstm_reached_is_kept_as_it_was_and_not_averaged():
    trainer = Trainer(toy_recipe("units = 8", "units = 8\ncell = 'lstm'"), toy_clips(per_word=10))
    trainer.train_epoch()
    reach = "weights.lstm1.reach"
    assert trainer.averaged[reach] == trainer.network.state_dict()[reach] > 0


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_learns_the_toy(cell):
    settings = f"units = 8\ncell = '{cell}'\nlayers = 2\ndepthwise_frames = 3"
    trainer = trained(toy_recipe("units = 8", settings, TOY.replace("epochs = 4", "epochs = 12")), toy_clips())
    assert trainer.progress.history[-1]["accuracy_reset"] > 0.8
