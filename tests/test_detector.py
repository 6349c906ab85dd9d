"""The detector's rules, in the numpy reference (which the proof holds equal to the C)."""

import numpy as np
import pytest

from calibration.calibrate import activation_ranges, choose_threshold
from calibration.detector import OperatingPoint, detect, smooth
from calibration.models import CALIBRATION_KEYS, load_calibration
from calibration.time_constants import lines, time_constants
from firmware.files import write_json
from train.layers import Ssm
from train.model import Model

POINT = OperatingPoint(threshold=16384, smoothing_shift=1, refractory_hops=5)
NONE = 4


def posteriors(*labels):
    """Smoothed posteriors [hops, 4] of two keywords, unknown and silence: the named label certain at each hop."""
    return np.eye(4, dtype=np.int64)[list(labels)] << 30


def detected(*labels):
    return list(detect(posteriors(*labels), 2, POINT))


def test_a_word_that_lasts_is_reported_once():
    assert detected(*[3] * 3, *[0] * 20) == [NONE] * 3 + [0] + [NONE] * 19


def test_a_word_said_again_after_the_refractory_period_is_reported_again():
    assert detected(0, *[3] * 6, 0) == [0, *[NONE] * 6, 0]


def test_nothing_is_reported_within_the_refractory_period():
    assert detected(0, 3, 1, 3, 3, 3) == [0, *[NONE] * 5]


def test_another_keyword_is_reported_as_soon_as_the_refractory_period_ends():
    assert detected(0, *[1] * 7) == [0, *[NONE] * 5, 1, NONE]


def test_unknown_and_silence_are_never_reported():
    assert detected(2, 3, 2, 3) == [NONE] * 4


def test_smoothing_follows_the_posterior_with_its_weight():
    logits = np.full((1, 3, 4), -32768)
    logits[..., 0] = 32767
    np.testing.assert_allclose(smooth(logits, 1)[0, :, 0] / 2**30, [0.5, 0.75, 0.875], atol=1e-6)


def test_the_threshold_is_the_lowest_that_keeps_the_share_of_false_accepts():
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 2000)
    smoothed = (random.random((2000, 1, 4)) * 2**30).astype(np.int64)
    threshold, accepted, _ = choose_threshold(smoothed, labels, 2, 0.05)
    assert accepted <= 0.05
    strongest = (smoothed[labels >= 2, 0, :2] >> 15).max(axis=1)
    assert (strongest >= threshold - 1).mean() > 0.05


def test_ranges_of_a_few_clips_are_measured(exported):
    model, *_ = exported(units=13)
    codes = np.random.default_rng(0).integers(-128, 128, (3, 10, 40)).astype(np.int8)
    ranges = activation_ranges(model, codes)
    assert ranges["gru1_n_in"][0] < ranges["gru1_n_in"][1]


@pytest.mark.parametrize(
    "change", [{"threshold": 1.5}, {"threshold": "0.5"}, {"threshold": 0}, {"refractory_hops": 300}]
)
def test_an_operating_point_out_of_range_is_refused(change):
    calibration = {"threshold": 0.5, "smoothing_shift": 2, "refractory_hops": 30}
    assert OperatingPoint.of(calibration).threshold == 16384
    with pytest.raises(ValueError, match=f"operating point: {next(iter(change))}"):
        OperatingPoint.of({**calibration, **change})


def test_a_calibration_that_lacks_a_range_is_named(exported, tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    model, *_ = exported(units=13)
    codes = np.zeros((3, 10, 40), np.int8)
    calibration = {key: None for key in CALIBRATION_KEYS} | {"weights_sha256": model.sha256()}
    path = tmp_path / "random" / "calibration.json"
    write_json(path, calibration | {"ranges": activation_ranges(model, codes)})
    assert load_calibration("random", model)["weights_sha256"] == model.sha256()
    ranges = activation_ranges(model, codes)
    del ranges["gru1_Wr"]
    write_json(path, calibration | {"ranges": ranges})
    with pytest.raises(ValueError, match=f"^{path}: lacks the range of gru1_Wr"):
        load_calibration("random", model)


def test_time_constants_are_those_of_the_gates(exported):
    """Gates that do not move: both figures are a hop over z."""
    model, *_ = exported(units=4, cell="ssm")
    layer = model.layers["ssm1"]
    z = np.array([0.5, 0.2, 0.02, 0.01], np.float32)
    bias = np.stack([layer.bias[0], np.log(z / (1 - z))]).astype(np.float32)
    weights = np.stack([layer.input_weights[0], np.zeros_like(layer.input_weights[1])])
    still = Model(**{**vars(model), "layers": {**model.layers, "ssm1": Ssm(weights, bias)}})
    found = time_constants(still, np.zeros((2, 30, 40), np.int8))["ssm1"]
    assert found["units"] == 4
    assert found["held"]["percentiles_ms"][-1] == pytest.approx(2000, rel=1e-3)
    assert found["effective"]["percentiles_ms"][-1] == pytest.approx(20 / -np.log(0.99), rel=1e-3)
    assert found["held"]["units_of_a_second"] == 2 and found["effective"]["units_of_a_second"] == 1
    assert len(list(lines({"ssm1": found}))) == 2
    gru, *_ = exported(units=13)
    assert time_constants(gru, np.zeros((2, 5, 40), np.int8)) == {}
