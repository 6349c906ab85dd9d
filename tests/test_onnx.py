"""The ONNX files of the models that ship: within the contract."""

import pytest

from calibration.models import load_model
from export import agreement
from export.artefacts import comparison_features
from export.onnx_graphs import write_onnx_graphs
from firmware.paths import MODELS
from tests.conftest import ranges_of

SHIPPED = sorted(path.parent.name for path in MODELS.glob("*/weights.npz"))


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request, tmp_path_factory):
    """(model, integers, folder with its ONNX files)."""
    model, _ = load_model(request.param)
    integers, folder = model.quantize(), tmp_path_factory.mktemp(request.param)
    write_onnx_graphs(folder, model, integers, ranges_of(model))
    return model, integers, folder


def test_a_shipped_model_is_within_the_contract(shipped):
    model, integers, folder = shipped
    agreement.check_contract(agreement.agreement(folder, model, integers, *comparison_features(model)))
