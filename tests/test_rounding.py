"""Weights rounded in training are those of the device."""

import numpy as np
import pytest
import torch

from tests.toy import toy_clips, toy_recipe, trained
from train.equalisation import equalised
from train.layers import CELLS
from train.layers.layer import LinearLayer
from train.loop import Trainer
from train.network import Network, model_of, network_of, rounded
from train.rounding import Rounding, straight_through

CELL = 'cell = "{cell}"\nlayers = 2\ndepthwise_frames = 3\nunits = 8'


def recipe_of(cell, share=0.5):
    text = CELL.format(cell=cell)
    recipe = toy_recipe("units = 8", text)
    return recipe.model_copy(
        update={"training": recipe.training.model_copy(update={"rounding_share": share, "normalise": True})}
    )


@pytest.mark.parametrize("cell", CELLS)
def test_the_trained_model_has_only_weights_that_the_device_has(cell):
    recipe = recipe_of(cell)
    trainer = trained(recipe, toy_clips(per_word=20))
    model = model_of(recipe, trainer.averaged)
    integers, maps = model.quantize(), model.linear_maps()
    found = 0
    for name, layer in model.layers.items():
        for field, (codes, scale) in layer.integer_maps(integers.rows[name]).items():
            weights, _ = maps[f"{name}_{field}" if f"{name}_{field}" in maps else name]
            codes, scale = np.asarray(codes), np.asarray(scale)
            exact = codes.reshape(weights.shape) * (scale[:, None] if weights.ndim == 2 else scale)
            np.testing.assert_allclose(weights, exact, atol=1e-6 * np.abs(weights).max())
            found += 1
    assert found >= 2 * 3 + 1


def test_rounding_as_the_device_does_leaves_the_integers_close_to_the_network():
    """The error that is left is that of activations."""
    errors = {}
    for share in (0.0, 0.5):
        recipe = recipe_of("ssm", share)
        trainer = trained(recipe, toy_clips(per_word=20))
        model = model_of(recipe, trainer.averaged)
        codes = np.random.default_rng(0).integers(-128, 0, (8, 100, 40)).astype(np.int8)
        errors[share] = np.abs(model.quantize().run(codes)[0] / 1024 - model.run(codes)[0]).mean()
    assert errors[0.5] < errors[0.0] / 3


def test_the_gradient_passes_as_if_nothing_were_rounded():
    value = torch.tensor([0.2, 0.7, -1.4], requires_grad=True)
    rounded_value = straight_through(value)
    assert rounded_value.tolist() == [0.0, 1.0, -1.0]
    (rounded_value * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert value.grad.tolist() == [1.0, 2.0, 3.0]


def test_rounding_begins_when_the_recipe_says():
    recipe = recipe_of("ssm", 0.5)
    trainer = Trainer(recipe, toy_clips(per_word=10))
    began = []
    for _ in range(recipe.training.epochs):
        trainer.train_epoch()
        began.append(trainer.network.rounding is not None)
    assert began == [False, False, True, True]
    assert Trainer(recipe_of("ssm", 0.0), toy_clips(per_word=10)).validation.network.rounding is None


def test_rounding_twice_changes_nothing():
    recipe = recipe_of("gru")
    network = rounded(network_of(recipe), recipe).eval()
    once = network.trained_layers()
    again = Network(once)
    again.rounding = Rounding(once, recipe.feature_map.format)
    for name, layer in again.trained_layers().items():
        for field, value in layer.arrays().items():
            np.testing.assert_allclose(value, once[name].arrays()[field], atol=1e-6)


def test_rows_behind_a_short_convolution_have_the_bounds_of_its_taps():
    """The taps decide how the input weights of the rows after them are scaled."""
    recipe = recipe_of("gru")
    network, random = network_of(recipe).eval(), np.random.default_rng(1)
    for layer in network.weights.values():
        for field, value in layer.named_parameters():
            size = {"weights": 0.6, "input_weights": 0.4, "recurrent_weights": 0.1}.get(field, 0.0)
            drawn = size * random.uniform(0.8, 1, value.shape) * random.choice((-1, 1), value.shape)
            value.data = torch.from_numpy(np.abs(drawn) if field == "weights" else drawn).float()
    plain = network.trained_layers()
    rounding, source = rounded(network, recipe).rounding, recipe.feature_map.format
    network.trained_layers()
    for name, layer in equalised(plain, source).items():
        if isinstance(layer, LinearLayer):
            assert layer.quantize(rounding.sources[name]).input_shift == layer.quantize(source).input_shift
        source = layer.output_format(source)
