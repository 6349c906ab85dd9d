"""Taps as large as their codes allow: the same function, and what rounding leaves of it."""

from dataclasses import replace

import numpy as np

from tests.conftest import random_model
from train.equalisation import equalised
from train.layers import Depthwise
from train.layers.depthwise import LARGEST_WEIGHT
from train.layers.layer import Q15, CodeFormat


def model_of_small_taps(random):
    """A random state-space model whose taps are as weight decay leaves them."""
    model = random_model(cell="ssm", units=12, layers=2, depthwise_frames=3)
    layers = {
        name: replace(layer, weights=random.normal(0, 0.12, layer.weights.shape).astype(np.float32))
        if isinstance(layer, Depthwise)
        else layer
        for name, layer in model.layers.items()
    }
    return replace(model, layers=layers)


def error(model, codes, wanted):
    return np.abs(model.quantize().run(codes)[0] / 1024 - wanted).mean()


def test_an_equalised_model_is_the_same_function_and_nearer_to_its_integers():
    random = np.random.default_rng(3)
    model = model_of_small_taps(random)
    larger = replace(model, layers=equalised(model.layers, model.features.format))
    codes = random.integers(-128, 128, (4, 100, model.frontend.bands)).astype(np.int8)
    wanted, _ = model.run(codes)
    np.testing.assert_allclose(larger.run(codes)[0], wanted, atol=1e-5)
    assert error(larger, codes, wanted) < error(model, codes, wanted) / 1.5


def test_neither_taps_nor_outputs_leave_their_ranges():
    model = model_of_small_taps(np.random.default_rng(4))
    source = model.features.format
    for layer in equalised(model.layers, source).values():
        if isinstance(layer, Depthwise):
            assert np.abs(layer.weights).max() <= LARGEST_WEIGHT
            assert max(layer.output_format(source).bounds) < 32768
        source = layer.output_format(source)


def test_what_a_channel_can_reach_is_bounded_by_its_taps():
    layer = Depthwise(np.array([[0.25, 0.0], [0.25, 0.0], [0.5, 2.0]], np.float32))
    assert layer.output_format(Q15).bounds == (4097, 8129), "1 and 127/64 in Q3.12, and a code for rounding"
    assert layer.output_format(CodeFormat(6, constant=43, largest=128)).bounds == (171 * 64 + 1, 171 * 127 + 1)
