"""Checkpoints that are damaged or of another network are refused with a line that names them."""

import numpy as np
import pytest
import torch

from tests.toy import toy_clips, toy_recipe, trained
from train.checkpoint import FORMAT, model_in, read_checkpoint, resume, save_checkpoint
from train.loop import Trainer


@pytest.fixture(scope="module")
def finished():
    return trained(toy_recipe("epochs = 4\n", "epochs = 2\n"), toy_clips())


def forge(path, run, **keys):
    save_checkpoint(path, run)
    torch.save({**torch.load(path, weights_only=True), **keys}, path)


@pytest.mark.parametrize(
    "keys, reason",
    [
        ({"progress": {"epoch": 1, "steps": 3}}, "progress.step: Field required"),
        ({"progress": {"epoch": "2"}}, "progress.epoch: Input should be a valid integer"),
        ({"network": 5}, "network: Input should be a valid dictionary"),
        ({"averaged": {"a": "b"}}, "averaged.a: Input should be an instance of Tensor"),
        ({"averaged": {"a": torch.zeros(3).to_sparse()}}, "averaged.a: is a tensor of layout torch.sparse_coo on cpu"),
        ({"states": [torch.zeros(3, device="meta")]}, "states.0: is a tensor of layout torch.strided on meta"),
        ({"states": "none"}, "states: "),
        ({"more": 1}, "more: "),
    ],
)
def test_an_incomplete_checkpoint_is_refused(finished, tmp_path, keys, reason):
    path = tmp_path / "checkpoint.pt"
    forge(path, finished, **keys)
    with pytest.raises(ValueError, match=rf"^{path}: not a complete checkpoint of format \d+ \({reason}"):
        read_checkpoint(path)
    torch.save({"format": FORMAT}, path)
    with pytest.raises(ValueError, match=rf"^{path}: not a complete checkpoint of format \d+ \(recipe: Field required"):
        read_checkpoint(path)


def test_a_checkpoint_of_another_network_is_refused(finished, tmp_path):
    path = tmp_path / "checkpoint.pt"
    weights = {name: value[..., :1] for name, value in finished.averaged.items()}
    forge(path, finished, averaged=weights)
    with pytest.raises(ValueError, match=f"^{path}: has the weights of another network"):
        model_in(path)
    weights = {name: value * np.nan for name, value in finished.averaged.items()}
    forge(path, finished, averaged=weights)
    with pytest.raises(ValueError, match=f"^{path}: a weight is not finite"):
        model_in(path)
    averaged = {name: value.double() for name, value in finished.averaged.items()}
    infinite = {name: value * np.inf for name, value in finished.averaged.items()}
    for keys in (
        {"network": {}},
        {"averaged": {}},
        {"averaged": averaged},
        {"states": []},
        {"states": [state[:, :3] for state in finished.states]},
        {"averaged": infinite},
    ):
        forge(path, finished, **keys)
        with pytest.raises(ValueError, match=f"^{path}: .*; remove it to train again"):
            resume(Trainer(finished.recipe, toy_clips()), path)


def test_a_training_that_has_not_finished_is_no_model(tmp_path):
    trainer, path = Trainer(toy_recipe(), toy_clips(per_word=5)), tmp_path / "checkpoint.pt"
    trainer.train_epoch()
    save_checkpoint(path, trainer)
    with pytest.raises(
        ValueError, match=f"^{path}: its training has not finished; `make train RECIPE=toy` continues it"
    ):
        model_in(path)


def test_a_training_that_diverges_stops_with_advice_and_keeps_nothing():
    recipe = toy_recipe("learning_rate = 2e-2", "learning_rate = 1.0\nclip_gradient_norm = 1e30")
    trainer = Trainer(recipe, toy_clips())
    for parameter in trainer.network.parameters():
        parameter.data *= 1e38
    with pytest.raises(
        ValueError, match=r"recipe toy: the training diverged in epoch 1: .* lower training.learning_rate"
    ):
        trainer.train_epoch()
    assert trainer.progress.history == []
