"""Every kind of layer: its form over whole clips is its step, its integers stay near it, and no state drifts or overflows."""

import numpy as np
import pytest
import torch

from firmware.generate.integers import sigmoid, tanh
from tests.conftest import lively, random_model
from train.fused.convolution import short_convolution
from train.fused.gru import gated_recurrence
from train.fused.ssm import selective_scan
from train.layers import CELLS, Dense, Depthwise, FrameStack, Gru, Lstm, Ssm
from train.layers.layer import Q15, CodeFormat, Layer
from train.layers.lstm import LIMIT
from train.network import Network, network_of

UNITS, INPUTS = 9, 7


def layer_of(kind, random):
    if kind == "frame_stack":
        return FrameStack(3, INPUTS)
    if kind == "depthwise":
        return Depthwise(random.normal(0, 1.5, (3, INPUTS)).astype(np.float32))  # some end at 127/64
    if kind == "dense":
        return lively(Dense.initial(INPUTS, UNITS, random, True), random, 2)
    return lively(CELLS[kind].initial(INPUTS, UNITS, random), random, 3)


def as_tensors(layer):
    return {field: torch.tensor(array) for field, array in layer.arrays().items()}


def run(layer, form, x, states):
    """Outputs, last states and gradients of a form of the layer over clips."""
    parts = Network({"layer": layer}).weights["layer"]
    weights = {**dict(parts.named_parameters()), **dict(parts.named_buffers())}
    x, states = x.clone().requires_grad_(), tuple(state.clone().requires_grad_() for state in states)
    outputs, last = form(layer, torch, weights, x, states)
    (outputs.square().sum() + sum(state.square().sum() for state in last)).backward()
    leaves = [x, *states, *parts.parameters()]
    return [outputs, *last, *(leaf.grad if leaf.grad is not None else torch.zeros(1) for leaf in leaves)]


@pytest.mark.parametrize("kind", [*CELLS, "dense", "depthwise", "frame_stack"])
def test_the_form_over_whole_clips_is_the_step_repeated(kind):
    layer = layer_of(kind, np.random.default_rng(0))
    torch.manual_seed(0)
    x = 6 * torch.randn(4, 12, INPUTS)  # some of what saturates does
    states = tuple(torch.randn(4, state.size) for state in layer.states())
    fast, slow = (run(layer, form, x, states) for form in (type(layer).sequence, Layer.sequence))
    for found, wanted in zip(fast, slow, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_without_a_form_of_its_own_is_trained_step_by_step(kind, monkeypatch):
    layer = layer_of(kind, np.random.default_rng(0))
    monkeypatch.setattr(type(layer), "sequence", Layer.sequence)
    network = Network({"cell": layer})
    outputs, _ = network(torch.randn(2, 5, INPUTS), [torch.zeros(2, state.size) for state in layer.states()])
    outputs.sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


# --- the fused passes


def ssm_by_operators(sums, s):
    v, z = sums.chunk(2, 2)
    v, z, found = v.tanh(), z.sigmoid(), []
    for hop in range(sums.shape[1]):
        s = s + z[:, hop] * (v[:, hop] - s)
        found.append(s)
    return torch.stack(found, 1)


def convolution_by_operators(x, history, taps, low, high):
    heard, hops = torch.cat([history, x], 1), x.shape[1]
    return sum(heard[:, frame : frame + hops] * tap for frame, tap in enumerate(taps)).clamp(low, high)


def assert_same_with_gradients(form, operators, leaves):
    """form and operators give the same for leaves, and the same gradients of them."""
    found = []
    for function in (form, operators):
        mine = [leaf.clone().requires_grad_() for leaf in leaves]
        outputs = function(*mine)
        torch.manual_seed(0)
        (outputs * torch.randn_like(outputs)).sum().backward()
        found.append([outputs, *(leaf.grad for leaf in mine)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.fixture(params=[1, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("hops", [1, 2, 50, 1000])
def test_the_pass_over_an_ssm_is_its_operators_and_so_is_its_gradient(hops, threads):
    torch.manual_seed(hops)
    sums, s = torch.randn(5, hops, 14) * 4, torch.randn(5, 7)
    assert_same_with_gradients(lambda given, before: selective_scan(given * 1, before), ssm_by_operators, [sums, s])


def gru_by_torch(sums, weights, bias, h):
    rows = len(weights)
    zeros = torch.zeros(rows), torch.cat([torch.zeros(rows - len(bias)), bias])
    return torch.gru(sums, h[None], (torch.eye(rows), weights, *zeros), True, 1, 0.0, False, False, True)[
        0
    ].contiguous()


@pytest.mark.parametrize("hops", [1, 2, 50, 1000])
def test_the_pass_over_a_gru_is_torchs_and_so_is_its_gradient(hops, threads):
    torch.manual_seed(hops)
    leaves = [torch.randn(5, hops, 21) * 4, torch.randn(21, 7), torch.randn(7), torch.randn(5, 7)]
    assert_same_with_gradients(lambda given, *rest: gated_recurrence(given * 1, *rest), gru_by_torch, leaves)


def test_gates_far_beyond_their_range_are_finite():
    sums = torch.tensor([-1e9, -100.0, 0.0, 100.0, 1e9]).expand(1, 1, 2, 5).reshape(1, 1, 10)
    torch.testing.assert_close(
        selective_scan(sums.clone(), torch.zeros(1, 5)), torch.tensor([[[0.0, 0.0, 0.0, 1.0, 1.0]]])
    )


@pytest.mark.parametrize("frames", [2, 3, 5])
@pytest.mark.parametrize("hops", [1, 2, 50])
def test_the_pass_over_a_short_convolution_is_its_operators_and_so_is_its_gradient(hops, frames, threads):
    torch.manual_seed(hops)
    x, history, taps = torch.randn(5, hops, 7) * 4, torch.randn(5, frames - 1, 7), torch.randn(frames, 7)
    ends = -4.0, 3.9
    assert_same_with_gradients(
        lambda *leaves: short_convolution(*leaves, *ends),
        lambda *leaves: convolution_by_operators(*leaves, *ends),
        [x, history, taps],
    )


# --- states


def test_the_state_of_an_ssm_does_not_drift_in_100000_steps():
    """A linear recurrence forgives no error, but s + z (v - s) forgets it: a rounding of 2^-24 a step adds up to no
    more than 2^-24 over the smallest gate.  The same state in 16 bits stands still far from where it belongs."""
    random = np.random.default_rng(0)
    layer = Ssm(np.zeros((2, 64, 1), np.float32), np.zeros((2, 64), np.float32))
    z_in = np.linspace(-32768, 4096, 64).astype(np.int64)[None]  # time constants of a hop to a minute
    z = sigmoid(z_in) / 32768
    state, real, short = (np.zeros((1, 64), np.int64),), np.zeros((1, 64)), np.zeros((1, 64), np.int64)
    worst, worst_short = 0, 0
    drive = random.integers(-9000, 9000, (1000, 1, 64))
    for step in range(100_000):
        v_in = drive[step % 1000]
        v = tanh(v_in)
        _, state = layer.integer_step(None, [v_in, z_in], state)
        real += z * (v / 32768 - real)
        short += sigmoid(z_in) * (v - short) + (1 << 14) >> 15
        worst = np.maximum(worst, np.abs(state[0] / 2**23 - real))
        worst_short = np.maximum(worst_short, np.abs(short / 2**15 - real))
    assert (worst <= 1.01 * 2.0**-24 / z).all()
    assert worst.max() < 2e-4 and worst_short.max() > 20 * worst.max()


def test_the_cell_of_an_lstm_saturates_alike_in_training_in_float_and_in_integers():
    """Gates wide open: c counts up to where its int16 ends, and stays there."""
    bias = np.full((4, 2), 20, np.float32)
    bias[2, 1] = -20
    zeros = np.zeros((4, 2, 1), np.float32)
    layer = Lstm(zeros, bias, np.zeros((4, 2, 2), np.float32), np.array([LIMIT], np.float32))
    assert layer.states()[1].format.fraction == 11
    x = torch.zeros(1, 40, 1)
    network = Network({"lstm": layer})
    _, (_, c) = network(x, [torch.zeros(1, 2), torch.zeros(1, 2)])
    integers = layer.quantize(layer.states()[0].format)
    states = np.zeros((1, 2), np.int64), np.zeros((1, 2), np.int64)
    for _ in range(40):
        sums = integers.preactivations(np.zeros((1, 1), np.int64), states[0])
        _, states = layer.integer_step(None, sums, states)
    ends = np.array([[32767, -32768]])
    np.testing.assert_array_equal(states[1], ends)
    np.testing.assert_allclose(c.detach(), ends * 2.0**-11)
    _, (_, in_float) = Layer.sequence(layer, torch, as_tensors(layer), x, (torch.zeros(1, 2), torch.zeros(1, 2)))
    np.testing.assert_allclose(in_float.detach(), ends * 2.0**-11)


@pytest.mark.parametrize(("reach", "fraction"), [(0.5, 12), (7.9, 12), (8.1, 11), (16, 11)])
def test_the_format_of_an_lstms_cell_is_the_finest_that_holds_what_training_saw(reach, fraction):
    layer = lively(Lstm.initial(3, 4, np.random.default_rng(0)), np.random.default_rng(0), 1)
    layer = Lstm(**{**layer.arrays(), "reach": np.array([reach], np.float32)})
    assert layer.states()[1].format.fraction == layer.device_format(None) == fraction


def test_training_notes_how_far_the_cell_of_an_lstm_reached():
    network = Network({"lstm": layer_of("lstm", np.random.default_rng(0))})
    with torch.no_grad():
        network.weights["lstm"].reach.zero_()
        _, (_, c) = network(torch.randn(4, 30, INPUTS), [torch.zeros(4, UNITS), torch.zeros(4, UNITS)])
    assert network.weights["lstm"].reach == 0, "only training counts"
    _, (_, c) = network(torch.randn(4, 30, INPUTS), [torch.zeros(4, UNITS), torch.zeros(4, UNITS)])
    assert network.weights["lstm"].reach >= c.abs().max() > 0


def test_arrays_of_the_wrong_shape_are_refused():
    layer = layer_of("gru", np.random.default_rng(0))
    with pytest.raises(ValueError, match="the arrays of Gru must have the shapes"):
        Gru(**{**layer.arrays(), "bias": layer.bias[:3]})


def test_rows_that_could_overflow_get_a_coarser_input_or_are_refused():
    layer = Dense(np.full((1, 2, 600), 0.1, np.float32), np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match="an accumulator could reach .* over 2.31: use fewer units or inputs"):
        layer.quantize(Q15)
    fine, coarse = (layer.quantize(CodeFormat(6, 43, largest)).input_shift for largest in (128, 1024))
    assert fine == 6 and coarse == 4


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "sizes",
    [dict(units=256, layers=2, depthwise_frames=3), dict(units=40, bands=80, stacked_frames=10, features=(85, 3))],
    ids=str,
)
def test_the_widest_networks_that_recipes_allow_are_quantised(cell, sizes):
    model = random_model(cell=cell, **sizes)
    codes = np.random.default_rng(0).integers(-128, 128, (1, 20, model.frontend.bands)).astype(np.int8)
    error = np.abs(model.quantize().run(codes)[0] / 1024 - model.run(codes)[0])
    assert error.mean() < 0.1


# --- which layers a recipe asks for


def test_a_recipe_builds_its_layers_in_order(recipe):
    layers = network_of(
        recipe("cell = 'ssm'\nlayers = 2\nstacked_frames = 3\nconvolution_channels = 5\ndepthwise_frames = 4")
    )
    names = list(layers.layers)
    assert names == ["frame_stack", "convolution", "depthwise1", "ssm1", "depthwise2", "ssm2", "logits"]
    sizes = [(layer.inputs, layer.units) for name, layer in layers.layers.items() if "depth" not in name]
    assert sizes == [(40, 120), (120, 5), (5, 8), (8, 8), (8, 4)]
