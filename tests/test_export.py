"""All artefacts hold the same int8 codes, are equal when exported again, and agree with the integers."""

import ast
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.records import Calibration
from export import agreement, onnx_graphs, tflite_file
from export.artefacts import comparison_features, write_graphs
from export.c_model import CModel
from export.c_text import source_text
from export.metadata import description
from export.packed_rows import pack_rows, plain_rows
from export.tensorflow_process import TensorflowFailed
from export.tflite_graphs import write_tflite_graphs
from export.tflite_run import run_tflite
from firmware.files import read_json
from firmware.generate.c_source import string_text
from firmware.host.binding import SpotterC
from firmware.model_json import read_model_json
from firmware.paths import MODELS, ROOT
from tests import read_back
from tests.conftest import ranges_of
from train.model import Model

CODES_OF = {
    "firmware/kws_model.c": read_back.weight_codes_of,
    "model.int16.onnx": onnx_graphs.weight_codes_of,
    "model.int8.onnx": onnx_graphs.weight_codes_of,
    "model.16x8.tflite": tflite_file.weight_codes_of,
    "model.int8.tflite": tflite_file.weight_codes_of,
}


NETWORKS = [
    dict(cell="gru"),
    dict(cell="rnn", layers=2),
    dict(cell="lstm", stacked_frames=3, convolution_channels=17),
    dict(shipped="commands-6k"),
]
"""Every cell and every other kind of layer: random networks with few units, and the smallest that ships."""


def network_name(network):
    return network.get("cell") or network["shipped"]


@pytest.fixture(scope="module", params=NETWORKS, ids=network_name)
def artefacts(with_graphs, request):
    """(model, integers, folder with every artefact)."""
    return with_graphs(units=24, **request.param)


def test_five_artefacts_hold_the_same_weight_codes(artefacts):
    _, integers, folder = artefacts
    for name, codes_of in CODES_OF.items():
        found = codes_of(folder / name)
        for linear_map, (codes, _) in integers.linear_maps().items():
            np.testing.assert_array_equal(found[linear_map], codes, err_msg=f"{name} {linear_map}")


def test_cores_with_helium_get_the_same_weight_codes(artefacts):
    _, integers, folder = artefacts
    found = read_back.weight_codes_of(folder / "firmware/kws_model.c", helium=True)
    for linear_map, (codes, _) in integers.linear_maps().items():
        np.testing.assert_array_equal(found[linear_map], codes, err_msg=linear_map)


@pytest.mark.parametrize("name", list(CODES_OF)[1:])
def test_a_flipped_weight_is_found_in_every_artefact(artefacts, tmp_path, name):
    _, integers, folder = artefacts
    codes = integers.linear_maps()["logits"][0]
    content = (folder / name).read_bytes()
    place = content.index(codes.tobytes()) + 5
    (tmp_path / name).write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert (CODES_OF[name](tmp_path / name)["logits"] != codes).sum() == 1


@given(st.text(max_size=20))
def test_any_label_is_a_c_string_of_its_utf8_bytes(text):
    literal = string_text(text)
    assert literal.isascii() and "?" not in literal
    assert ast.literal_eval(f"b{literal}") == text.encode()


def test_labels_with_apostrophes_and_umlauts_compile_to_what_is_hashed(exported):
    words = ("what's_up", "grüss_gott", "я_слушаю_тебя")
    *_, folder = exported(units=5, words=words)
    assert tuple(SpotterC(folder).labels[:3]) == words


def test_a_flipped_weight_is_found_in_the_c_arrays(exported, tmp_path):
    model, integers, point, _ = exported(units=24)
    weights = integers.rows["gru1"].recurrent_weights
    weights[2, 3, 1] ^= 1
    flipped = source_text(CModel(integers, point))
    weights[2, 3, 1] ^= 1
    (tmp_path / "kws_model.c").write_text(flipped)
    found = read_back.weight_codes_of(tmp_path / "kws_model.c")
    assert (found["gru1_Un"] != integers.linear_maps()["gru1_Un"][0]).sum() == 1


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 1000))
@settings(max_examples=60)
def test_every_weight_is_where_rows_h_draws_it(rows, columns, seed):
    codes = np.random.default_rng(seed).integers(-127, 128, (rows, columns)).astype(np.int8)
    packed, plain = pack_rows(codes), plain_rows(codes)
    assert len(packed) == len(plain) == columns * (rows + rows % 2)
    np.testing.assert_array_equal(read_back.unpacked(packed, rows, columns), codes)
    np.testing.assert_array_equal(read_back.plain(plain, rows, columns), codes)


def test_exporting_twice_gives_the_same_bytes(artefacts, tmp_path):
    model, integers, folder = artefacts
    sha256 = read_model_json(folder / "firmware").model_sha256
    write_graphs(model, integers, ranges_of(model), tmp_path, sha256)
    for file in folder.iterdir():
        if file.is_file():
            assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_agreement_is_within_the_contract_for_every_oracle(artefacts):
    *_, folder = artefacts
    found = json.loads((folder / "agreement.json").read_text())
    assert set(agreement.CONTRACT_ARTEFACTS) <= set(found)
    agreement.check_contract(found)


def test_the_tflite_header_describes_the_model(artefacts):
    model, _, folder = artefacts
    sha256 = read_model_json(folder / "firmware").model_sha256
    header = (folder / "model_tflite.h").read_text()
    for key, value in description(model, sha256).items():
        assert f"\n * {key}: {value}\n" in header


def with_cell(model, **arrays):
    """The model with other arrays in its cell gru1."""
    cell = type(model.layers["gru1"])(**{**model.layers["gru1"].arrays(), **arrays})
    return Model(**{**vars(model), "layers": {**model.layers, "gru1": cell}})


def test_a_graph_with_exchanged_gates_breaks_the_contract(exported, tmp_path):
    model, integers, *_ = exported(units=24)
    cell = model.layers["gru1"]
    exchanged = with_cell(
        model,
        input_weights=cell.input_weights[[1, 0, 2]],
        recurrent_weights=cell.recurrent_weights[[1, 0, 2]],
        bias=cell.bias[[1, 0, 2, 3]],
    )
    onnx_graphs.write_onnx_graphs(tmp_path, exchanged, exchanged.quantize(), ranges_of(exchanged), {})
    value = agreement.agreement(tmp_path, model, integers, *comparison_features(model))
    with pytest.raises(agreement.ContractBroken, match="model.int16.onnx: mean"):
        agreement.check_contract(value)


def test_without_tensorflow_the_rest_is_exported_and_a_line_says_so(exported, tmp_path, monkeypatch, capsys):
    model, integers, *_ = exported(units=24)
    monkeypatch.setattr(tflite_file.importlib.util, "find_spec", lambda package: None)
    (tmp_path / "model.int8.tflite").write_text("of an earlier export")
    write_graphs(model, integers, ranges_of(model), tmp_path, "of model.json")
    assert {file.name for file in tmp_path.iterdir()} == {
        "model.onnx",
        "model.int16.onnx",
        "model.int8.onnx",
        "agreement.json",
    }
    assert "TFLite files skipped: TFLite needs the Python package" in capsys.readouterr().out


def test_a_dead_unit_with_a_bias_is_exported(exported):
    model, *_ = exported(units=13)
    arrays = {field: array.copy() for field, array in model.layers["gru1"].arrays().items()}
    for field in ("input_weights", "recurrent_weights"):
        arrays[field][:, 4] = 0
    arrays["bias"][:, 4] = 1
    dead = with_cell(model, **arrays)
    codes = comparison_features(dead)[0]
    logits, _ = dead.quantize().run(codes)
    assert agreement.compare(dead.run(codes)[0], logits * agreement.LOGIT_UNIT)["mean"] < 0.05


def test_a_model_with_equal_taps_is_exported(exported, with_graphs, tmp_path):
    """Taps of a short training are equal in all layers; the converter keeps equal constants once."""
    with_graphs(units=12)  # or a skip without tensorflow
    model, *_ = exported(units=12, cell="ssm", layers=3, depthwise_frames=3)
    first = model.layers["depthwise2"]
    same = Model(**{**vars(model), "layers": {**model.layers, "depthwise3": type(first)(first.weights.copy())}})
    write_tflite_graphs(tmp_path, same, same.quantize(), ranges_of(same))
    assert len(list(tmp_path.iterdir())) == 2


def test_tensorflow_runs_in_a_process_of_its_own(artefacts):
    """Triton, which torch imports, crashes a process that has imported TensorFlow."""
    assert "tensorflow" not in sys.modules


def test_a_tensorflow_that_takes_too_long_is_an_error(artefacts, tmp_path):
    model, integers, _ = artefacts
    with pytest.raises(TensorflowFailed, match="was stopped after 0.01 s"):
        write_tflite_graphs(tmp_path, model, integers, ranges_of(model), limit_seconds=0.01)
    assert not list(tmp_path.iterdir())


def test_a_tensorflow_that_crashes_is_an_error(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"no model")
    with pytest.raises(TensorflowFailed, match="ended with"):
        run_tflite([tmp_path / "model.tflite"], [np.zeros((1, 40))])


# --- damaged inputs


def test_weights_cut_short_are_an_error_that_names_the_file(exported, tmp_path):
    model, *_ = exported(units=13)
    path = tmp_path / "weights.npz"
    model.save(path)
    whole = path.read_bytes()
    assert Model.load(path).sha256() == model.sha256()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="weights.npz: not a complete weights file"):
            Model.load(path)


def test_a_changed_byte_in_the_weights_is_an_error(exported, tmp_path):
    model, *_ = exported(units=13)
    path = tmp_path / "weights.npz"
    model.save(path)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="weights.npz: not a complete weights file"):
        Model.load(path)


def test_json_cut_short_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "calibration.json"
    path.write_text('{"recipe": "hello", "weights_sha')
    with pytest.raises(
        ValueError, match="calibration.json: Invalid JSON: EOF .*; make it again or restore it from git"
    ):
        read_json(path, Calibration)
    path.write_text('{"recipe": "hello"}')
    with pytest.raises(ValueError, match="calibration.json: weights_sha256: Field required"):
        read_json(path, Calibration)


def test_a_model_json_cut_short_is_an_error_that_names_the_file(exported, tmp_path):
    *_, folder = exported(units=13)
    for file in folder.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "model.json").write_text((folder / "model.json").read_text()[:40])
    with pytest.raises(ValueError, match="model.json: Invalid JSON"):
        SpotterC(tmp_path)


# --- what ships


@pytest.mark.parametrize("shipped", sorted(MODELS.glob("*/weights.npz")), ids=lambda path: path.parent.name)
def test_a_shipped_model_is_exported_again_byte_for_byte(shipped, tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    recipe = shipped.parent.name
    script = f"import export.artefacts as e; e.write_graphs = lambda *a: None; e.export({recipe!r})"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    for name in ("kws_model.h", "kws_model.c", "model.json"):
        assert (tmp_path / recipe / "firmware" / name).read_bytes() == (shipped.parent / name).read_bytes(), name


@pytest.mark.parametrize("shipped", sorted(MODELS.glob("*/model.json")), ids=lambda path: path.parent.name)
def test_a_shipped_model_fits_what_its_name_says(shipped):
    about = read_model_json(shipped.parent)
    size = about.recipe.rsplit("-", 1)[-1]
    if size.endswith("k"):
        assert about.flash_bytes <= int(size[:-1]) * 1024
