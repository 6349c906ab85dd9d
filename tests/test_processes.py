"""A training by two processes is that by one: same batches, same gradients up to the order of float32 sums."""

import multiprocessing
import os

import pytest
import torch

from tests.toy import TOY, assert_equal_weights, toy_clips, toy_recipe, trained
from train.checkpoint import read_checkpoint, resume, save_checkpoint
from train.loop import Trainer
from train.processes import Processes

BOUNDS = {0: 1e-4, 0.02: 5e-3}
"""{learning rate of Muon: the largest difference of a weight after two epochs}."""

SSM = TOY.replace("units = 8", 'cell = "ssm"\nunits = 8\ndepthwise_frames = 3')
SSM = SSM.replace("epochs = 4", "epochs = 2\nnormalise = true")


def train_one(rank, count, port, recipe, path):
    """A process of so many: trains, and its first writes the checkpoint."""
    os.environ.update(WORLD_SIZE=str(count), RANK=str(rank), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    trainer = Trainer(recipe, toy_clips())
    if path.exists():
        resume(trainer, path)
    trainer.train_epoch()
    save_checkpoint(path, trainer)


def epoch_by(count, recipe, path, free_port):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=train_one, args=(rank, count, free_port(), recipe, path)) for rank in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
        assert worker.exitcode == 0


@pytest.fixture
def free_port():
    """A port for each set of processes."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    return lambda: port


@pytest.mark.parametrize("muon", BOUNDS)
def test_two_processes_train_as_one(tmp_path, free_port, muon):
    recipe = toy_recipe("learning_rate = 2e-2", f"learning_rate = 5e-3\nmuon_learning_rate = {muon}", SSM)
    alone, path = trained(recipe, toy_clips()), tmp_path / "checkpoint.pt"
    for _ in range(recipe.training.epochs):
        epoch_by(2, recipe, path, free_port)
    together = read_checkpoint(path)
    assert together.progress.epoch == recipe.training.epochs
    apart = {name: float((value - together.averaged[name]).abs().max()) for name, value in alone.averaged.items()}
    assert max(apart.values()) < BOUNDS[muon], apart
    for one, other in zip(alone.states, together.states, strict=True):
        assert one.shape == other.shape


def test_one_process_is_the_ordinary_case():
    processes, value = Processes(16), torch.ones(3)
    assert processes.first and processes.rows == slice(0, 16)
    assert processes.mean(value) is value and processes.all_rows(value) is value
    assert_equal_weights(trained(toy_recipe(), toy_clips()).averaged, trained(toy_recipe(), toy_clips()).averaged)


def test_windows_that_cannot_be_shared_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ValueError, match="training.batch = 16 windows cannot be shared by 3 processes"):
        Processes(16)
