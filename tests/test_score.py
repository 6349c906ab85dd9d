"""Anomalies, bit by bit: the score in numpy == host C == every emulated core, and the line that an application prints of it."""

import re

import numpy as np
import pytest

from calibration.anomaly.score import FARTHEST_CODE, deviations_in, surprises
from calibration.detector import DetectorRule, detect, smooth_levels
from firmware.compile.cores import CORES
from firmware.emulate.qemu import run_image
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.core_image import build_image
from firmware.paths import EMULATED
from tests.test_proof import hop_type, run_proof
from train.layers import CELLS

SIZES = dict(task="anomaly", units=19, bands=21, high_hz=8000)
SECONDS = 60


def reference(model, integers, detector, codes):
    """memory, smoothed and detected of features int8 [hops, bands], by numpy alone."""
    memories, states = [], integers.zero_states(1)
    for hop in codes:
        _, states, memory = integers.step(hop[None], states)
        memories.append(memory[0])
    memories = np.stack(memories)
    surprise = surprises(deviations_in(memories, model)[None], memories[None, :, -model.outputs :])
    smoothed = smooth_levels(surprise[:, :, None], detector.rule.smoothing_shift)[0]
    return memories, smoothed, detect(smoothed, detector.points[0].thresholds, detector.rule)


@pytest.mark.parametrize("cell", CELLS)
def test_the_host_scores_as_the_reference_does(cell, exported, sound):
    model, integers, detector, folder = exported(cell=cell, **SIZES)
    trace = SpotterC(folder).hear(sound(SECONDS))
    memory, smoothed, detected = reference(model, integers, detector, trace.codes)
    np.testing.assert_array_equal(trace.memory, memory)
    np.testing.assert_array_equal(trace.smoothed, smoothed)
    np.testing.assert_array_equal(trace.detected, detected)
    assert np.ptp(smoothed[100:].astype(int)) > 500, "the score should move"


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_scores_as_the_reference_does(core, exported, sound, tmp_path):
    model, integers, detector, folder = exported(**SIZES)
    pcm = sound(SECONDS)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", pcm.tobytes()), hop_type(model, integers))
    wanted = reference(model, integers, detector, SpotterC(folder).hear(pcm).codes)
    for field, values in zip(("memory", "smoothed"), wanted, strict=False):
        np.testing.assert_array_equal(found[field], values, err_msg=field)
    np.testing.assert_array_equal(found["detected"], wanted[2])
    assert (wanted[2] != NOTHING).sum() >= 3, "the stream should have several anomalies"


def test_a_gated_front_end_that_sleeps_takes_the_score_back(exported, sound):
    *_, folder = exported(gate=True, **SIZES)
    quiet = np.random.default_rng(0).integers(-6, 7, 64_000).astype(np.int16)
    trace = SpotterC(folder).hear(np.concatenate([sound(4), quiet]))
    assert not trace.awake[-1] and not trace.smoothed[~trace.awake].any() and trace.smoothed[trace.awake].any()


def test_the_surprise_is_the_mean_of_the_squares_and_is_limited():
    one = 1 << 10
    deviations = np.array([[[0, 0], [one, 3 * one], [-32768, 0], [-32768, 32767]]])
    logits = np.array([[[0, 0], [32767, 0], [0, 0], [0, 0]]])
    assert list(surprises(deviations, logits)[0]) == [0, 5 << 12, 65535, 65535]
    near = np.zeros((1, 2, 80), int)
    near[0, 1, 0] = FARTHEST_CODE
    assert surprises(near, 0 * near)[0, 1] == 64 * 4096 // 80


def test_the_first_hop_alone_is_no_anomaly(exported, sound):
    """Its weight is 2^-4 at most, and its surprise below 16."""
    smoothed = smooth_levels(np.array([65535, 4096, 4096])[None, :, None], 4)[0, :, 0]
    assert smoothed[0] == 4095 and detect(smoothed[:, None], (4096,), DetectorRule(4)).tolist() == [NOTHING] * 3


@pytest.mark.parametrize("core", [CORES["m4"], CORES["m0plus"]], ids=lambda core: core.name)
def test_an_emulated_core_prints_anomalies_beside_words(core, exported, sound, tmp_path):
    """Two models in one image; the anomaly's score has one decimal."""
    machine, words = (exported(**sizes)[-1] for sizes in (SIZES, dict(units=13, labels=5)))
    pcm = sound(20)
    (tmp_path / "pcm").write_bytes(pcm.tobytes())
    with pytest.raises(ValueError, match="two models of the image are called random"):
        build_image(core, EMULATED / "spotter.c", tmp_path / "both", [machine, words])
    image = build_image(core, EMULATED / "spotter.c", tmp_path / "one", [machine])
    lines = run_image(core, image, "pcm", folder=tmp_path).splitlines()
    trace = SpotterC(machine).hear(pcm)
    wanted = [
        f"Anomaly ({(int(trace.smoothed[hop, 0]) * 10 + 2048 >> 12) / 10:.1f}) @ {20 * (hop + 1)} ms"
        for hop in np.flatnonzero(trace.detected != NOTHING)
    ]
    assert lines == wanted and wanted and all(re.fullmatch(r"Anomaly \(\d+\.\d\) @ \d+ ms", line) for line in lines)
