"""The fused LSTM operator: what is in the file, what it computes, and which models get it.  Nothing here runs CMSIS-NN."""

import importlib.util
import json
import os

import numpy as np
import pytest

from export import artefacts, tflite_file
from export.artefacts import comparison_features, write_graphs
from export.tflite_lstm import FILE, is_one_lstm, write_fused_lstm
from export.tflite_run import run_tflite
from export.tflm import arena_bytes_of, run_tflm
from tests.conftest import random_model, ranges_of

ONE_LSTM = dict(units=24, cell="lstm")

MEAN, P99, AGREE = 0.03, 0.15, 0.97
"""Against float.  Found: 0.013, 0.06 and 0.98; from a zero state at every hop 0.46, 1.7 and 0.5."""


def without_the_other_tflite_files(patch):
    """The other TFLite files take long to convert, and test_export.py tests them."""
    patch.setattr(artefacts, "write_tflite_graphs", lambda *arguments: None)
    patch.setattr(artefacts, "write_tflite_header", lambda *arguments: None)


@pytest.fixture(scope="module")
def fused(exported, tmp_path_factory):
    """(model, folder with the fused file and agreement.json)."""
    if importlib.util.find_spec("tensorflow") is None:
        message = "tensorflow is not installed"
        pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
    model, integers, *_ = exported(**ONE_LSTM)
    folder = tmp_path_factory.mktemp("fused")
    with pytest.MonkeyPatch.context() as patch:
        without_the_other_tflite_files(patch)
        write_graphs(model, integers, ranges_of(model), folder, "of model.json")
    return model, folder


def test_the_file_has_one_fused_operator_and_the_classifier(fused):
    _, folder = fused
    assert tflite_file.operators_of(folder / FILE) == {"FULLY_CONNECTED": 1, "UNIDIRECTIONAL_SEQUENCE_LSTM": 1}


@pytest.mark.parametrize("artefact", [FILE, f"{FILE} in TFLite Micro"])
@pytest.mark.parametrize("mode", ["clip", "stream"])
def test_it_computes_the_float_model(fused, artefact, mode):
    _, folder = fused
    found = json.loads((folder / "agreement.json").read_text())[artefact]["float"][mode]
    assert found["mean"] <= MEAN and found["p99"] <= P99 and found["agree"] >= AGREE, found


@pytest.mark.parametrize("run", [run_tflite, run_tflm])
def test_the_state_is_carried_within_a_stream_and_zero_in_the_next(fused, run):
    model, folder = fused
    x = model.features.real(comparison_features(model)[1][:50])
    ((whole, again, *hops_alone),) = run([folder / FILE], [x, x, *x[:, None]])
    np.testing.assert_array_equal(again, whole)
    assert np.abs(np.concatenate(hops_alone) - whole).mean() > 10 * MEAN


def test_converting_twice_gives_the_same_bytes(fused, tmp_path):
    model, folder = fused
    write_fused_lstm(tmp_path / FILE, model, ranges_of(model))
    assert (tmp_path / FILE).read_bytes() == (folder / FILE).read_bytes()


OTHER_FORMS = [
    dict(cell="gru"),
    dict(cell="lstm", layers=2),
    dict(cell="lstm", stacked_frames=3),
    dict(cell="lstm", depthwise_frames=3),
]


@pytest.mark.parametrize("network", OTHER_FORMS, ids=str)
def test_only_a_single_lstm_on_the_features_can_be_fused(network):
    assert is_one_lstm(random_model(**ONE_LSTM))
    assert not is_one_lstm(random_model(13, **network))


def test_other_models_do_not_get_the_file(exported, tmp_path, monkeypatch):
    model, integers, *_ = exported(units=24)
    without_the_other_tflite_files(monkeypatch)
    (tmp_path / FILE).write_text("of an earlier export")
    write_graphs(model, integers, ranges_of(model), tmp_path, "of model.json")
    assert not (tmp_path / FILE).exists()


def test_without_tensorflow_it_is_skipped_with_the_others(exported, tmp_path, monkeypatch):
    model, integers, *_ = exported(**ONE_LSTM)
    monkeypatch.setattr(tflite_file.importlib.util, "find_spec", lambda package: None)
    (tmp_path / FILE).write_text("of an earlier export")
    write_graphs(model, integers, ranges_of(model), tmp_path, "of model.json")
    assert not list(tmp_path.glob("*.tflite"))


def test_the_smallest_arena_is_found_though_a_smaller_one_crashes(fused):
    """An arena that is too small crashes the process with this file; with others it raises."""
    _, folder = fused
    content, found = (folder / FILE).read_bytes(), arena_bytes_of(folder / FILE)
    from tflite_micro import runtime

    assert 1000 < found < 8000 and runtime.Interpreter.from_bytes(content, arena_size=found)
