"""`make peers` compares what it says: every runtime runs, on its own, the model that ships."""

import importlib.util
import math
import shutil

import pytest

from export.agreement import CONTRACT_AGREE, CONTRACT_MEAN, CONTRACT_P99
from export.onnx_graphs import write_onnx_graphs
from export.tensorflow_process import TensorflowFailed
from firmware.host.binding import FrontendC
from firmware.model_json import read_model_json
from firmware.paths import MODELS, ROOT
from tests.conftest import ranges_of
from tests.measure.peers.memory import measure_memory
from tests.measure.peers.rounds import time_peers
from tests.measure.peers.runtimes import PEERS, Jerboa, OnnxRuntime, TfliteMicro
from tests.measure.peers.speed import measure_speeds, partition


@pytest.fixture(scope="module")
def artefacts(with_graphs):
    return with_graphs(units=24, cell="gru")


@pytest.fixture
def features(artefacts, sound):
    """Codes int8 and the network input that they stand for."""
    model, *_ = artefacts
    codes = FrontendC(model.frontend).features(sound(3))
    return codes, model.features.real(codes)


def check_speeds(speeds, peers, call_ratio):
    """Whatever the ratios are: nothing is asserted of how fast anything is."""
    assert [speed.peer for speed in speeds] == list(peers)
    ratios = [call_ratio] + [ratio for speed in speeds for ratio in (speed.call_a_hop, speed.computing)]
    assert all(math.isfinite(ratio) and ratio > 0 for ratio in ratios), ratios
    ours = speeds[0]
    assert (ours.call_a_hop, ours.computing, ours.agreement["max"], ours.agreement["agree"]) == (1, 1, 0, 1)
    for speed in speeds:
        if "int16" in speed.peer.file or "16x8" in speed.peer.file:
            assert speed.agreement["mean"] <= CONTRACT_MEAN and speed.agreement["p99"] <= CONTRACT_P99, speed
            assert speed.agreement["agree"] >= CONTRACT_AGREE, speed


def test_every_runtime_has_a_row_with_ratios_and_agreement(artefacts):
    model, integers, folder = artefacts
    peers, left_out = partition(folder)
    assert peers == list(PEERS) and not left_out
    speeds, call_ratio = measure_speeds(folder, peers, model, integers, rounds=3)
    check_speeds(speeds, PEERS, call_ratio)


@pytest.mark.parametrize("runtime", [Jerboa, OnnxRuntime, TfliteMicro])
def test_memory_is_measured_in_a_fresh_process(artefacts, features, runtime):
    *_, folder = artefacts
    peer = next(peer for peer in PEERS if peer.runtime is runtime)
    found = measure_memory(folder, peer, *features)
    assert found["runtime_bytes"] > 0 and found["model_bytes"] > 0
    if runtime is OnnxRuntime:
        assert found["working_bytes"] is None
    else:
        assert 1000 < found["working_bytes"] < 100_000


def test_what_is_not_installed_is_named_and_the_rest_is_measured(exported, tmp_path, monkeypatch):
    model, integers, _, source = exported(units=24, cell="gru")
    shutil.copytree(source, tmp_path / "firmware")
    write_onnx_graphs(tmp_path, model, integers, ranges_of(model), {})
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in ("tensorflow", "tflite_micro") else found(name)
    )
    peers, left_out = partition(tmp_path)
    assert peers == list(PEERS[:4])
    assert {peer.name: reason for peer, reason in left_out.items()} == {
        "TensorFlow Lite": "the Python package tensorflow is not installed",
        "TFLite Micro": "the Python package tflite_micro is not installed",
    }
    speeds, call_ratio = measure_speeds(tmp_path, peers, model, integers, rounds=2)
    check_speeds(speeds, peers, call_ratio)


def test_the_page_has_a_row_for_each_peer_and_the_size_of_the_model_that_ships():
    page = (ROOT / "docs" / "peers.md").read_text()
    for peer in PEERS:
        assert page.count(f"| {peer.name} | {peer.file} |") == 2, "one of time and one of memory"
    flash_bytes = read_model_json(MODELS / "commands-20k").flash_bytes
    assert f"| Jerboa | firmware/kws_model.c | {flash_bytes:,} |" in page


def test_a_peer_that_crashes_is_an_error_that_says_how(exported, tmp_path):
    model, _, _, source = exported(units=24, cell="gru")
    shutil.copytree(source, tmp_path / "firmware")
    (tmp_path / "model.onnx").write_bytes(b"no model")
    codes = model.frontend.bands * [0]
    with pytest.raises(TensorflowFailed, match="tests.measure.peers.rounds.*ended with status 1"):
        time_peers(tmp_path, PEERS[:2], [codes], [codes], rounds=1)
