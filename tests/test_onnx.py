"""The ONNX files of the shipped models: within the contract, loadable by old runtimes, usable alone."""

import json
import re

import numpy as np
import onnx
import pytest
import soundfile
from onnx import helper

from calibration.models import load_model
from export import agreement, onnx_graphs
from export.activation_codes import ActivationCodes
from export.artefacts import comparison_features
from export.metadata import description
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import FrontendC
from firmware.paths import MODELS, ROOT
from tests.conftest import ranges_of
from train.decision import decide, followed_by_silence, of_clips_alone
from train.integer_model import LOGIT_UNIT

SHIPPED = sorted(path.parent.name for path in MODELS.glob("*/weights.npz"))
PAGE = (ROOT / "docs" / "onnx.md").read_text()


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request, tmp_path_factory):
    """(model, integers, folder with its ONNX files)."""
    model, _ = load_model(request.param)
    integers, folder = model.quantize(), tmp_path_factory.mktemp(request.param)
    about = description(model, "of model.json")
    onnx_graphs.write_onnx_graphs(folder, model, integers, ranges_of(model), about)
    return model, integers, folder


def test_a_shipped_model_is_within_the_contract(shipped):
    model, integers, folder = shipped
    agreement.check_contract(agreement.agreement(folder, model, integers, *comparison_features(model)))


@pytest.mark.parametrize("bits", onnx_graphs.FILES)
def test_the_opset_is_the_lowest_possible_and_documented(shipped, bits, monkeypatch):
    model, integers, folder = shipped
    name, lowest = onnx_graphs.FILES[bits], onnx_graphs.OPSETS[bits]
    proto = onnx.load(folder / name)
    assert [(opset.domain, opset.version) for opset in proto.opset_import] == [("", lowest)]
    assert proto.ir_version == helper.find_min_ir_version_for(proto.opset_import)
    assert re.search(rf"\| `{name}` \|.*\| {lowest} \| {proto.ir_version} \|", PAGE)
    monkeypatch.setitem(onnx_graphs.OPSETS, bits, lowest - 1)
    with pytest.raises((onnx.checker.ValidationError, onnx.shape_inference.InferenceError)):
        onnx_graphs.onnx_graph(model, integers, bits and ActivationCodes.of_model(bits, model, ranges_of(model)))


def test_each_scale_and_zero_point_has_the_shape_that_fusion_requires(shipped):
    """Otherwise ONNX Runtime up to 1.18 refuses the file, or fails at the first hop."""
    *_, folder = shipped
    graph = onnx.load(folder / "model.int8.onnx").graph
    constants = {constant.name: constant for constant in graph.initializer}
    for node in graph.node:
        if node.op_type.endswith("Linear"):
            code, *parameters = (constants.get(name) for name in node.input)
            shape = list(code.dims[:1]) if node.attribute else []
            assert all(list(value.dims) == shape for value in parameters), node.name
            assert len(parameters) == 2 or code.data_type == onnx.TensorProto.INT32, node.name


def test_the_metadata_describes_the_model(shipped):
    model, _, folder = shipped
    for name in onnx_graphs.FILES.values():
        proto = onnx.load(folder / name)
        about = {entry.key: entry.value for entry in proto.metadata_props}
        assert tuple(json.loads(about["labels"])) == model.labels
        assert json.loads(about["states"]) == [value.name for value in proto.graph.input][1:]
        assert about["weights_sha256"] == model.sha256() and about["model_sha256"] == "of model.json"
        assert set(about) == set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", PAGE, flags=re.M)))), name


def test_the_example_hears_what_the_device_hears(shipped, monkeypatch, capsys, sound):
    model, integers, folder = shipped
    pcm = sound(2)
    soundfile.write(folder / "recording.wav", pcm, SAMPLE_RATE_HZ, "PCM_16")
    monkeypatch.chdir(folder)
    heard = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, flags=re.S)[1], heard)
    codes = followed_by_silence(model.frontend, FrontendC(model.frontend).features(pcm)[None])
    logits = integers.run(codes)[0] * LOGIT_UNIT
    assert np.abs(np.stack(heard["logits"]) - logits[0]).mean() < 0.15
    [label] = decide(model.frontend, of_clips_alone(model.frontend, logits), model.keywords)
    assert capsys.readouterr().out.strip() == model.labels[label]
