"""What a recipe's switches do to weights, gradients, clips and hops."""

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm

from tests.conftest import lively
from tests.toy import toy_clips, toy_recipe, trained
from train.layers import CELLS, Dense
from train.loop import Trainer
from train.muon import Muon
from train.network import Network, model_of
from train.normalisation import EPSILON, EVERY_HOPS, MOMENTUM
from train.optimizers import learning_rate
from train.rounding import Rounding


def with_training(settings, top=""):
    """The toy's recipe with more settings of training, and of the network."""
    return toy_recipe("units = 8", f"units = 8\n{top}").model_copy(
        update={"training": toy_recipe("warmup_steps = 5", f"warmup_steps = 5\n{settings}").training}
    )


# --- precision


def test_products_in_bfloat16_are_near_those_in_float32_until_weights_are_rounded(monkeypatch):
    monkeypatch.setattr("train.loop.has_bfloat16", lambda: True)
    trainer = Trainer(with_training('precision = "bfloat16"', 'cell = "ssm"\nlayers = 2'), toy_clips(per_word=20))
    network = trainer.network.eval()
    x = 3 * torch.randn(4, 50, trainer.recipe.front.bands)
    found = []
    for rounding in (None, Rounding(network.layers, trainer.recipe.feature_map.format)):
        network.rounding = rounding
        for products in (torch.bfloat16, torch.float32):
            network.products = products
            found.append(network(x, network.zero_states(4))[0])
    near, exact, *while_rounded = found
    assert 0 < (near - exact).abs().max() < 0.1 * exact.abs().max()
    torch.testing.assert_close(*while_rounded, rtol=0, atol=0)


def test_a_processor_without_bfloat16_trains_in_float32(monkeypatch):
    recipe = with_training('precision = "bfloat16"')
    for able, products in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr("train.loop.has_bfloat16", lambda able=able: able)
        assert Trainer(recipe, toy_clips(per_word=20)).network.products == products


# --- normalisation


def test_normalising_is_batch_normalisation_of_the_rows_sums():
    random = np.random.default_rng(0)
    layer = lively(Dense.initial(7, 5, random, bounded=False), random, 3)
    torch.manual_seed(0)
    x = (3 * torch.randn(4, 20, 7) + torch.randn(7)).repeat_interleave(EVERY_HOPS, 1)
    network = Network({"layer": layer}, normalised=["layer"])
    gain = network.normalisations["layer"].gain
    gain.data.uniform_(0.5, 2)
    weights, bias = (torch.tensor(getattr(layer, field)[0]) for field in ("input_weights", "bias"))
    sums = (x @ weights.T).flatten(0, 1)
    wanted = batch_norm(sums, None, None, gain[0].detach(), bias, training=True, eps=EPSILON)
    torch.testing.assert_close(network(x, [])[0].flatten(0, 1), wanted, rtol=1e-4, atol=1e-4)
    running = network.normalisations["layer"]
    torch.testing.assert_close(running.mean[0], MOMENTUM * sums.mean(0))
    torch.testing.assert_close(running.variance[0], 1 - MOMENTUM + MOMENTUM * sums.var(0, unbiased=False))


@pytest.mark.parametrize("cell", CELLS)
def test_a_normalised_network_becomes_plain_weights_that_do_the_same(cell):
    recipe = with_training("normalise = true", f'cell = "{cell}"\nlayers = 2\ndepthwise_frames = 3')
    trainer = trained(recipe, toy_clips(per_word=20))
    network = trainer.validation.network
    network.load_state_dict(trainer.averaged)
    features = trainer.validation.features[:5]
    wanted, _ = network(features, network.zero_states(5))
    model = model_of(recipe, trainer.averaged)
    codes = np.rint(features.numpy() * 64 + 85 - 128).astype(np.int8)
    np.testing.assert_allclose(model.run(codes)[0], wanted.detach(), atol=2e-4)


def test_the_statistics_of_normalising_are_those_of_every_fourth_hop():
    layer = Dense.initial(7, 5, np.random.default_rng(0), bounded=False)
    network = Network({"layer": layer}, normalised=["layer"])
    x = torch.zeros(2, 4 * EVERY_HOPS, 7)
    x[:, 1::EVERY_HOPS] = 1.0
    network(x, [])
    assert not network.normalisations["layer"].mean.any()


def test_the_statistics_kept_are_averaged_as_the_weights_are():
    trainer = Trainer(with_training("normalise = true"), toy_clips(per_word=20))
    trainer.train_epoch()
    name = "normalisations.gru1.mean"
    assert not torch.equal(trainer.averaged[name], trainer.network.state_dict()[name])
    assert trainer.averaged[name].any()


def test_the_trained_weights_have_the_statistics_of_their_own_sums():
    trainer = trained(with_training("normalise = true"), toy_clips(per_word=20))
    trainer._measure_statistics(np.random.default_rng(0), 1)
    kept = {name: value.clone() for name, value in trainer.averaged.items()}
    _, features, _ = trainer._draw(np.random.default_rng(0))
    rows = kept["weights.gru1.input_weights"]
    sums = (rows @ features[:, ::EVERY_HOPS].flatten(0, 1).T).flatten(0, 1)
    torch.testing.assert_close(kept["normalisations.gru1.mean"].flatten(), sums.mean(1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        kept["normalisations.gru1.variance"].flatten(), sums.var(1, unbiased=False), rtol=1e-4, atol=1e-4
    )
    trainer._measure_statistics(np.random.default_rng(1), 3)
    changed = {name for name, value in trainer.averaged.items() if not torch.equal(value, kept[name])}
    assert changed == {"normalisations.gru1.mean", "normalisations.gru1.variance"}


def test_the_last_epoch_measures_the_statistics_and_no_other(monkeypatch):
    measured = []
    monkeypatch.setattr(
        Trainer, "_measure_statistics", lambda self, random, batches: measured.append(self.progress.epoch)
    )
    for normalise, wanted in (("true", 1), ("false", 0)):
        measured.clear()
        recipe = with_training(f"normalise = {normalise}")
        trained(recipe, toy_clips(per_word=20))
        assert measured == [recipe.training.epochs - 1] * wanted


# --- optimizers


def test_muon_moves_matrices_alone_and_by_orthogonal_steps():
    """With AdamW at rest, what moved is what Muon moves; no step is longer in one direction than in another."""
    recipe = with_training("muon_learning_rate = 0.02\nnormalise = true")
    trainer = Trainer(recipe, toy_clips(per_word=20))
    trainer.optimizers.rates[0] = 0.0
    for optimizer in trainer.optimizers.optimizers:
        for group in optimizer.param_groups:
            group["weight_decay"] = 0.0
    before = {name: value.clone() for name, value in trainer.network.named_parameters() if value.requires_grad}
    trainer.train_epoch()
    moved = {
        name for name, value in trainer.network.named_parameters() if name in before and (value != before[name]).any()
    }
    assert moved == {"weights.gru1.input_weights", "weights.gru1.recurrent_weights"}
    trainer = Trainer(recipe, toy_clips(per_word=20))
    weights = trainer.network.weights["gru1"].input_weights
    before = weights.detach().clone()
    trainer._train_step(*trainer._taught(np.random.default_rng(0)), 1.0)
    step = (weights.detach() - before * (1 - 0.02 * recipe.training.weight_decay)).flatten(0, 1)
    lengths = torch.linalg.svdvals(step) / 0.02
    assert lengths.max() < 1.3 and lengths.median() > 0.6, "Newton and Schulz' iteration ends near 1, not at it"


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (30, 30)])
def test_muon_is_that_of_torch_but_in_float32(shape):
    torch.manual_seed(0)
    start, gradients = torch.randn(shape), torch.randn(5, *shape)
    mine, theirs = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    settings = {"lr": 0.02, "weight_decay": 0.03}
    for matrix, muon in ((mine, Muon([mine], **settings)), (theirs, torch.optim.Muon([theirs], **settings))):
        for gradient in gradients:
            matrix.grad = gradient
            muon.step()
    torch.testing.assert_close(mine, theirs, rtol=0, atol=5 * 0.02 * 2**-6)  # bfloat16 has 8 bits
    assert (mine - start).abs().max() > 0.02


def test_the_learning_rate_warms_up_and_falls_by_half_a_cosine_or_stays():
    training = with_training("").training
    shares = [learning_rate(training, share, 1000) for share in (0, 0.5, 1, 1.2)]
    np.testing.assert_allclose(shares, [1, 0.505, 0.01, 0.01])
    assert learning_rate(training, 0, 0) == 0.2
    constant = training.model_copy(update={"schedule": "constant"})
    assert learning_rate(constant, 0.9, 1000) == 1 and learning_rate(constant, 0, 1) == 0.4


def test_gradients_are_clipped_as_the_recipe_says():
    trainer = Trainer(with_training("clip_gradient_norm = 1e-3"), toy_clips(per_word=20))
    trainer.train_epoch()
    gradients = [value.grad for value in trainer.network.parameters() if value.grad is not None]
    length = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
    assert 0 < length <= 1.001e-3
