"""The streaming graph for ESPHome: its operators and variables, and what TFLite Micro computes with it over a stream."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from export.artefacts import comparison_features
from export.esphome.graph import OPERATORS, VARIABLES, Unfit, streaming_graph
from export.esphome.hearing import MicroGraph
from export.esphome.probability import probabilities_of
from export.tflite_file import TfliteUnavailable, read, schema
from tests.conftest import random_model, ranges_of

NETWORKS = [
    dict(cell="ssm", units=24),
    dict(cell="ssm", units=44, layers=4, depthwise_frames=3),
    dict(cell="gru", units=24),
    dict(cell="gru", units=20, layers=2, convolution_channels=12, stacked_frames=3),
    dict(cell="lstm", units=24),
    dict(cell="rnn", units=24),
]
LARGEST_ERROR = 3
"""Of a probability in units of 2^-8, against the integers over 1,000 hops; found: 1.6."""


@pytest.fixture(scope="module", autouse=True)
def with_tflite_micro():
    try:
        schema()
    except TfliteUnavailable as missing:
        pytest.skip(str(missing))


@cache
def made(keyword=0, stride=2, **network):
    """(model, integers, the graph's bytes)."""
    model = random_model(**{"labels": 3, **network})
    integers = model.quantize()
    return model, integers, streaming_graph(model, integers, ranges_of(model), keyword, stride)


def operators(content):
    """Names of the operators of all subgraphs, in their order."""
    file = read(content)
    names = {code: name for name, code in vars(schema().BuiltinOperator).items() if isinstance(code, int)}
    return [
        names[file.operatorCodes[operator.opcodeIndex].builtinCode]
        for subgraph in file.subgraphs
        for operator in subgraph.operators
    ]


def in_frames(codes, stride):
    """Features of hops [hops, 40] as the newest frames of a stream of frames; the others are noise that must not be heard."""
    frames = np.random.default_rng(1).integers(-128, 128, (len(codes), stride, codes.shape[1])).astype(np.int8)
    frames[:, -1] = codes
    return frames.reshape(-1, codes.shape[1])


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_it_has_only_what_the_component_has(network):
    model, _, content = made(**network)
    found = Counter(operators(content))
    assert set(found) <= set(OPERATORS) and len(set(OPERATORS)) == 20
    variables = {
        operator.builtinOptions.sharedName
        for operator in read(content).subgraphs[0].operators
        if type(operator.builtinOptions).__name__ == "VarHandleOptionsT"
    }
    assert len(variables) == len(model.states()) <= VARIABLES
    assert found["READ_VARIABLE"] == len(variables) and found["ASSIGN_VARIABLE"] == 2 * len(variables)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_component_accepts_its_input_and_output(stride):
    *_, content = made(stride=stride, **NETWORKS[0])
    graph, types = read(content).subgraphs[0], schema().TensorType
    (given,), (told,) = ([graph.tensors[index] for index in indices] for indices in (graph.inputs, graph.outputs))
    assert (list(given.shape), given.type) == ([1, stride, 40], types.INT8)
    assert (list(told.shape), told.type) == ([1, 1], types.UINT8)
    assert read(content).version == 3 and content[4:8] == b"TFL3"


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_its_state_is_carried_as_that_of_the_integers(network):
    model, integers, content = made(**network)
    codes = comparison_features(model)[1]
    found = MicroGraph(content).hear(in_frames(codes, 2)).astype(int)
    wanted = probabilities_of(integers.run(codes[None])[0][0], 0)
    assert found.std() > 5
    assert np.abs(found - wanted).max() <= LARGEST_ERROR
    forgetful = np.array([probabilities_of(integers.run(codes[None, hop : hop + 1])[0][0], 0)[0] for hop in range(100)])
    assert np.abs(found[:100] - forgetful).max() > 5 * LARGEST_ERROR


def test_a_stream_may_be_heard_in_pieces_and_a_new_one_begins_at_zero():
    model, _, content = made(**NETWORKS[1])
    frames = in_frames(comparison_features(model)[1][:60], 2)
    graph = MicroGraph(content)
    whole = graph.hear(frames)
    graph = MicroGraph(content)
    np.testing.assert_array_equal(np.concatenate([graph.hear(frames[:50]), graph.hear(frames[50:])]), whole)


@pytest.mark.parametrize("keyword", [0, 1, 2])
def test_each_keyword_has_a_graph_of_its_own(keyword):
    model, integers, content = made(keyword=keyword, labels=5, **NETWORKS[2])
    codes = comparison_features(model)[1][:200]
    wanted = probabilities_of(integers.run(codes[None])[0][0], keyword)
    found = MicroGraph(content).hear(in_frames(codes, 2)).astype(int)
    assert np.abs(found - wanted).max() <= LARGEST_ERROR and found.max() > 30


def test_the_product_of_sigmoids_is_at_most_a_tenth_below_the_softmax():
    logits = np.stack(np.meshgrid(*[np.linspace(-4, 4, 41)] * 2), -1).reshape(-1, 2) * 1024
    logits = np.concatenate([np.zeros((len(logits), 1)), logits], 1)
    softmax = 1 / np.exp(logits / 1024).sum(1)
    below = softmax - probabilities_of(logits, 0) / 256
    assert -0.005 < below.min() and 0.08 < below.max() < 0.1


def test_writing_twice_gives_the_same_bytes():
    model, integers, content = made(**NETWORKS[1])
    assert streaming_graph(model, integers, ranges_of(model), 0, 2) == content


def test_a_model_that_the_component_cannot_run_is_refused():
    model = random_model(8, bands=30, labels=3)
    with pytest.raises(Unfit, match="ESPHome's features have 40 bands, these 30"):
        streaming_graph(model, model.quantize(), {}, 0, 2)
    model = random_model(8, cell="lstm", layers=8, depthwise_frames=2, labels=3)
    with pytest.raises(Unfit, match="24 states, but ESPHome has room for 20 variables; use fewer layers"):
        streaming_graph(model, model.quantize(), {}, 0, 2)
