"""The transformer that docs/cells.md compares: one network by windows, by hops and as graphs; trained by the ordinary loop."""

import numpy as np
import onnx
import pytest
import torch

from tests.measure.cells import largest, recipe_of
from tests.measure.transformer.graph import Runner, write_float_graph, write_int8_graph
from tests.measure.transformer.network import HEADS, WINDOW, Transformer
from tests.measure.transformer.trial import CELL, TransformerRecipe, TransformerTrainer, sizes
from tests.measure.trials import changed
from tests.toy import assert_equal_weights, toy_clips, toy_recipe
from train.checkpoint import resume, save_checkpoint

BANDS, OUTPUTS = 10, 4


@pytest.fixture
def network():
    """Two blocks with random weights, whose distances matter."""
    torch.manual_seed(0)
    network = Transformer(BANDS, 8, 2, OUTPUTS)
    for block in network.blocks:
        torch.nn.init.normal_(block.distance_bias)
    return network.eval().requires_grad_(False)


@pytest.fixture
def heard():
    """float [2, hops, BANDS]: longer than a window, and no multiple of it."""
    return torch.from_numpy(np.random.default_rng(1).standard_normal((2, 2 * WINDOW + 7, BANDS)).astype(np.float32))


def by_hops(network, heard):
    states, found = network.zero_states(len(heard)), []
    for x in heard.unbind(1):
        logits, states = network.hop(x, states)
        found.append(logits)
    return torch.stack(found, 1), states


def test_windows_and_hops_are_one_network(network, heard):
    found, states = network(heard, network.zero_states(2))
    hop_logits, hop_states = by_hops(network, heard)
    torch.testing.assert_close(found, hop_logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(states, hop_states, atol=1e-5, rtol=0)


def test_a_window_goes_on_where_the_last_one_ended(network, heard):
    whole, _ = network(heard, network.zero_states(2))
    first, states = network(heard[:, :31], network.zero_states(2))
    then, _ = network(heard[:, 31:], states)
    torch.testing.assert_close(whole, torch.cat([first, then], 1), atol=1e-5, rtol=0)


def test_a_hop_depends_on_as_many_hops_as_its_blocks_keep(network, heard):
    reach = len(network.blocks) * (WINDOW - 1)
    before, _ = network(heard, network.zero_states(2))
    changed_hop = heard.clone()
    changed_hop[:, 3] += 1
    differs = (network(changed_hop, network.zero_states(2))[0] - before).abs().amax((0, 2)) > 0
    assert differs.nonzero().flatten().tolist() == list(range(3, 3 + reach + 1))


def test_the_graphs_compute_the_network_and_the_weights_are_bytes(network, heard, tmp_path):
    wanted = network(heard, network.zero_states(2))[0].numpy()
    write_float_graph(network, BANDS, tmp_path / "hop.onnx")
    np.testing.assert_allclose(Runner(tmp_path / "hop.onnx").logits(heard.numpy()), wanted, atol=1e-5)
    write_int8_graph(tmp_path / "hop.onnx", heard.numpy(), tmp_path / "hop.int8.onnx")
    error = np.abs(Runner(tmp_path / "hop.int8.onnx").logits(heard.numpy()) - wanted)
    assert 0 < error.mean() < 0.1 * np.abs(wanted).mean()
    initializers = onnx.load(tmp_path / "hop.int8.onnx").graph.initializer
    matrices = [value for value in initializers if len(value.dims) > 1]
    assert len(matrices) >= 2 + 4 * 2
    assert {value.data_type for value in matrices} == {onnx.TensorProto.INT8}


def test_rounded_weights_are_codes_of_a_row(network):
    rows = network.blocks[0].up
    network.round_weights(None)
    weight = rows(torch.eye(8)).T - rows.bias[:, None]
    codes = weight / (rows.weight.abs().amax(1, keepdim=True) / 127)
    torch.testing.assert_close(codes, codes.round(), atol=1e-3, rtol=0)
    assert not torch.equal(weight, rows.weight)


def toy():
    return changed(toy_recipe(), "toy-transformer", kind=TransformerRecipe, cell=CELL, units=8, depthwise_frames=1)


def test_it_is_trained_and_resumed_by_the_ordinary_loop(tmp_path):
    clips = toy_clips(per_word=10)
    whole, first = (TransformerTrainer(toy(), clips) for _ in range(2))
    for _ in range(2):
        whole.train_epoch()
    first.train_epoch()
    save_checkpoint(tmp_path / "checkpoint.pt", first)
    second = TransformerTrainer(toy(), clips)
    resume(second, tmp_path / "checkpoint.pt")
    second.train_epoch()
    assert_equal_weights(second.averaged, whole.averaged)
    assert whole.progress.history[1]["loss"] < whole.progress.history[0]["loss"]


def test_what_a_device_would_need_is_counted():
    recipe = recipe_of(CELL, 20, 1, units=24)
    smaller = recipe_of(CELL, 20, 1, units=22)
    found = sizes(recipe)
    kept = 2 * 24 * WINDOW * recipe.layers
    weights = 40 * 24 + recipe.layers * 8 * 24**2 + 24 * recipe.outputs
    assert found["multiplications"] == weights + kept
    assert found["exponentials"] == recipe.layers * HEADS * WINDOW
    assert weights < found["flash_bytes"] < 1.4 * weights
    assert found["ram_bytes"] - sizes(smaller)["ram_bytes"] >= 2 * 2 * WINDOW * recipe.layers
    assert largest(CELL, 20) == 24
