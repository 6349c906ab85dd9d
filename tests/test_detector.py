"""The detector's rule in the numpy reference, which test_proof.py compares with the C."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.detector import Detector, DetectorRule, detect, smooth
from calibration.models import load_calibration
from calibration.ranges import activation_ranges, joined_streams
from calibration.records import Calibration
from calibration.time_constants import time_constant_lines, time_constants
from firmware.files import read_json, write_json
from firmware.generate.integers import posteriors
from firmware.host.binding import CERTAIN, NOTHING, SpotterC
from firmware.paths import MODELS
from train.layers import Ssm
from train.model import Model

RULE = DetectorRule(smoothing_shift=1, refractory_hops=5)
THRESHOLDS = (16384, 16384)
LIVELY = dict(units=13)


def certain(*labels):
    """Smoothed posteriors [hops, 2] of two keywords: the label given for a hop is certain there; 2 and 3 are no keywords."""
    return np.eye(4, dtype=np.uint16)[list(labels), :2] * CERTAIN


def detected(*labels, rule=RULE, thresholds=THRESHOLDS):
    return [None if label == NOTHING else label for label in detect(certain(*labels), thresholds, rule)]


def test_a_lasting_word_is_detected_once():
    assert detected(*[3] * 3, *[0] * 20) == [None] * 3 + [0] + [None] * 19


def test_a_word_said_again_after_the_refractory_period_is_detected_again():
    assert detected(0, *[3] * 6, 0) == [0, *[None] * 6, 0]


def test_nothing_is_detected_within_the_refractory_period():
    assert detected(0, 3, 1, 3, 3, 3) == [0, *[None] * 5]


def test_another_keyword_is_detected_as_soon_as_the_refractory_period_ends():
    assert detected(0, *[1] * 7) == [0, *[None] * 5, 1, None]


def test_unknown_and_silence_are_never_detected():
    assert detected(2, 3, 2, 3) == [None] * 4


def test_a_keyword_counts_once_it_is_confirmed():
    rule = DetectorRule(smoothing_shift=1, refractory_hops=0, confirm_hops=2)
    assert detected(0, 0, 3, 0, 0, 1, 0, 0, 0, 0, rule=rule) == [*[None] * 8, 0, None]


def test_each_keyword_has_a_threshold_of_its_own():
    smoothed = np.array([[20000, 19000], [9000, 8000]], np.uint16)
    assert list(detect(smoothed, (30000, 16384), RULE)) == [1, NOTHING]
    assert list(detect(smoothed, (65535, 65535), RULE)) == [NOTHING, NOTHING]
    assert list(detect(smoothed, (0, 0), DetectorRule(refractory_hops=0))) == [0, NOTHING]


def test_smoothing_follows_the_posterior_with_its_weight():
    logits = np.full((1, 3, 4), -32768)
    logits[..., 0] = 32767
    np.testing.assert_allclose(smooth(logits, 2, 1)[0, :, 0] / CERTAIN, [0.5, 0.75, 0.875], atol=1e-4)


@pytest.mark.parametrize("shift", range(7))
def test_a_steady_posterior_is_reached_to_within_the_stated_codes(shift):
    """From below within 2^shift - 1, from above exactly."""
    logits = np.linspace(-6000, 6000, 97).astype(np.int64)[:, None, None] * np.array([1, 0, 0])
    hops = 40 << shift
    wanted = posteriors(logits)[:, 0, :1]
    short = wanted - smooth(np.repeat(logits, hops, axis=1), 1, shift)[:, -1]
    assert short.min() >= 0 and short.max() <= 2**shift - 1
    falling = np.repeat(np.array([[[20000, 0, 0]]]), 5, axis=1)
    falling = np.concatenate([np.repeat(falling, len(logits), axis=0), np.repeat(logits, hops, axis=1)], axis=1)
    ended = smooth(falling, 1, shift)[:, -1] - wanted
    assert np.abs(ended).max() <= 2**shift - 1


@given(
    seed=st.integers(0, 2**32 - 1),
    shift=st.integers(0, 3),
    refractory=st.integers(0, 12),
    confirm=st.integers(0, 3),
    levels=st.lists(st.sampled_from([0, 1, 4000, 9000, 16384, 30000, 32768, 32769, 65535]), min_size=3, max_size=3),
)
@settings(max_examples=200)
def test_streams_of_hours_are_scored_as_hop_by_hop(seed, shift, refractory, confirm, levels):
    """detect visits few hops; the expected result follows detector.c, hop by hop."""
    random = np.random.default_rng(seed)
    smoothed = smooth(np.cumsum(random.integers(-900, 901, (1, 300, 5)), axis=1), 3, shift)[0]
    rule = DetectorRule(shift, refractory, confirm)
    before, held, confirmed, waiting, wanted = NOTHING, NOTHING, 0, 0, []
    for hop in smoothed.astype(int):
        reached = [label for label in range(3) if hop[label] >= levels[label]]
        label = max(reached, key=lambda candidate: (hop[candidate], -candidate)) if reached else NOTHING
        confirmed = 0 if label != before else min(confirmed + 1, confirm)
        before = label
        held = NOTHING if label == NOTHING else held
        fires = not waiting and label not in (NOTHING, held) and confirmed >= confirm
        waiting = refractory if fires else max(0, waiting - 1)
        held = label if fires else held
        wanted.append(label if fires else NOTHING)
    assert list(detect(smoothed, levels, rule)) == wanted


def test_thresholds_change_while_it_listens_and_outlast_a_reset(exported, sound):
    """At every setting, the library's detections equal the reference's from the same posteriors."""
    model, _, detector, folder = exported(**LIVELY)
    spotter, pcm = SpotterC(folder), sound(20)
    np.testing.assert_array_equal(spotter.thresholds, detector.points[0].thresholds)
    word = model.labels[1]
    for change in (
        lambda: None,
        lambda: spotter.set_operating_point("strict"),
        lambda: spotter.set_threshold(word, 2000),
        lambda: spotter.set_threshold(word, 65535),
    ):
        change()
        spotter.reset()
        trace = spotter.hear(pcm)
        np.testing.assert_array_equal(trace.detected, detect(trace.smoothed, spotter.thresholds, detector.rule))
        np.testing.assert_array_equal(spotter.detect(trace.logits), trace.detected)
        np.testing.assert_array_equal(trace.smoothed, smooth(trace.logits[None].astype(int), model.keywords, 2)[0])
    np.testing.assert_array_equal(np.delete(spotter.thresholds, 1), np.delete(detector.points[1].thresholds, 1))


def test_a_setting_that_the_model_does_not_have_is_refused(exported):
    model, _, _, folder = exported(**LIVELY)
    spotter = SpotterC(folder)
    with pytest.raises(ValueError, match="operating point 'loud': the model has balanced, strict"):
        spotter.set_operating_point("loud")
    with pytest.raises(ValueError, match=f"threshold of '{model.labels[-1]}': the model's keywords are"):
        spotter.set_threshold(model.labels[-1], 5)
    before = spotter.thresholds
    assert spotter.library.host_set_operating_point(spotter._memory.pointer, 2)
    assert spotter.library.host_set_threshold(spotter._memory.pointer, model.keywords, 5)
    np.testing.assert_array_equal(spotter.thresholds, before)


def test_ranges_of_a_few_clips_are_measured(exported):
    model, *_ = exported(units=13)
    codes = np.random.default_rng(0).integers(-128, 128, (3, 10, 40)).astype(np.int8)
    ranges = activation_ranges(model, joined_streams(codes))
    assert ranges["gru1_n_in"][0] < ranges["gru1_n_in"][1]


def calibration(**changes):
    """The content of a calibration.json with two keywords and one operating point."""
    value = json.loads((MODELS / "commands-6k" / "calibration.json").read_text())
    point = {**value["operating_points"][0], "thresholds": {"yes": 0.5, "no": 1.0}}
    return {**value, "operating_points": [point], **changes}


def detector_of(path, value, words=("yes", "no")):
    """The Detector of a calibration.json."""
    write_json(path, value)
    return Detector.of(read_json(path, Calibration), words)


def test_thresholds_are_read_by_word_and_not_by_position(tmp_path):
    path = tmp_path / "calibration.json"
    assert detector_of(path, calibration()).points[0].thresholds == (16384, 32768)
    assert detector_of(path, calibration(), ("no", "yes")).points[0].thresholds == (32768, 16384)
    with pytest.raises(
        ValueError, match="operating point balanced: has thresholds for yes, no; the keywords are yes, stop"
    ):
        detector_of(path, calibration(), ("yes", "stop"))


@pytest.mark.parametrize("threshold", [1.5, "0.5", -0.1, None])
def test_a_threshold_out_of_range_is_refused(threshold, tmp_path):
    path, value = tmp_path / "calibration.json", calibration()
    value["operating_points"][0]["thresholds"]["yes"] = threshold
    with pytest.raises(
        ValueError, match=r"calibration.json: operating_points.0.thresholds.yes: Input should be .*; make"
    ):
        detector_of(path, value)


@pytest.mark.parametrize("key", ["smoothing_shift", "refractory_hops", "confirm_hops"])
def test_a_rule_out_of_range_is_refused(key, tmp_path):
    with pytest.raises(ValueError, match=f"calibration.json: {key}: Input should be less than"):
        detector_of(tmp_path / "calibration.json", calibration(**{key: 300}))


def test_a_calibration_without_a_range_is_refused(exported, tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    model, *_ = exported(units=13)
    ranges = activation_ranges(model, np.zeros((3, 10, 40), np.int8))
    path = tmp_path / "random" / "calibration.json"
    write_json(path, calibration(weights_sha256=model.sha256(), ranges=ranges))
    assert load_calibration("random", model).weights_sha256 == model.sha256()
    del ranges["gru1_Wr"]
    write_json(path, calibration(weights_sha256=model.sha256(), ranges=ranges))
    with pytest.raises(ValueError, match=f"^{path}: lacks the ranges of gru1_Wr"):
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
    assert found.units == 4
    assert found.held.percentiles_ms[-1] == pytest.approx(2000, rel=1e-3)
    assert found.effective.percentiles_ms[-1] == pytest.approx(20 / -np.log(0.99), rel=1e-3)
    assert found.held.units_of_a_second == 2 and found.effective.units_of_a_second == 1
    assert len(list(time_constant_lines({"ssm1": found}))) == 2
    gru, *_ = exported(units=13)
    assert time_constants(gru, np.zeros((2, 5, 40), np.int8)) == {}
