"""The same bits everywhere, 0 LSB, on every element.

From PCM to features: host C == every emulated core.  From features to detection: numpy reference == host C == every
core, the whole state, logits, smoothed posteriors and detections of a stream of more than 10,000 hops; and single
steps from full-range random states, over odd sizes.
"""

import numpy as np
import pytest

from calibration.detector import detect, smooth
from firmware.build import CORES, build_image
from firmware.emulate import run_image
from firmware.host import SpotterC
from firmware.paths import ROOT

PROOF = ROOT / "tests" / "emulated" / "proof.c"
STREAM_SECONDS = 205
ODD_SIZES = [
    dict(units=1, labels=3),
    dict(units=7, bands=11, labels=4),
    dict(units=33, bands=80, labels=13, hop_ms=10),
    dict(units=64, bands=10),
    dict(units=256, labels=5),
]


def hop_type(model):
    """What proof.c writes of a hop."""
    units, bands, labels = model.cell.units, model.frontend.bands, len(model.labels)
    return np.dtype(
        [
            ("codes", "i1", bands),
            ("states", "<i2", units),
            ("logits", "<i2", labels),
            ("smoothed", "<i4", labels),
            ("detected", "u1"),
        ]
    )


def random_steps(model, count, seed=1):
    """Unrelated steps: codes and states over the full range, a tenth of each at its limits."""
    random = np.random.default_rng(seed)
    codes = random.integers(-128, 128, (count, model.frontend.bands))
    states = random.integers(-32768, 32768, (count, model.cell.units))
    extreme = random.random(count) < 0.1
    codes[extreme] = random.choice([-128, 127], codes[extreme].shape)
    states[extreme] = random.choice([-32768, 32767], states[extreme].shape)
    return codes.astype(np.int8), states.astype(np.int16)


def reference_stream(model, integers, point, codes):
    """logits, smoothed and detected of features, by numpy alone."""
    logits, _ = integers.run(codes[None])
    smoothed = smooth(logits, point.smoothing_shift)[0]
    return logits[0], smoothed, detect(smoothed, model.keywords, point)


def test_host_stream_equals_the_reference(exported, sound):
    model, integers, point, folder = exported(units=48)
    trace = SpotterC(folder).hear(sound(STREAM_SECONDS))
    assert len(trace.codes) >= 10_000
    logits, smoothed, detected = reference_stream(model, integers, point, trace.codes)
    np.testing.assert_array_equal(trace.logits, logits)
    np.testing.assert_array_equal(trace.smoothed, smoothed)
    np.testing.assert_array_equal(trace.detected, detected)
    assert len(set(trace.detected)) > 3, "the stream should make several keywords fire"


def test_host_states_equal_the_reference_at_every_step(exported, sound):
    model, integers, _, folder = exported(units=48)
    trace = SpotterC(folder).hear(sound(20))
    state = np.zeros((1, 48), np.int64)
    for codes, found in zip(trace.codes, trace.states, strict=True):
        state = integers.cell.step(codes[None], state)
        np.testing.assert_array_equal(state[0], found)


@pytest.mark.parametrize("sizes", ODD_SIZES, ids=str)
def test_host_steps_of_odd_sizes_equal_the_reference(exported, sizes):
    model, integers, _, folder = exported(**sizes)
    spotter = SpotterC(folder)
    codes, states = random_steps(model, 300)
    wanted_logits, wanted_states = integers.step(codes, states.astype(np.int64))
    for step in range(len(codes)):
        found_states, found_logits = spotter.step(codes[step : step + 1], states[step])
        np.testing.assert_array_equal(found_states[0], wanted_states[step])
        np.testing.assert_array_equal(found_logits[0], wanted_logits[step])


def run_proof(core, folder, tmp_path, mode, content):
    """What proof.c writes, as bytes."""
    image = build_image(core, folder, PROOF, tmp_path / core.name)
    (tmp_path / "input").write_bytes(content)
    run_image(core, image, mode, tmp_path / "input", tmp_path / "output")
    return (tmp_path / "output").read_bytes()


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_hears_a_long_stream_as_the_host_does(core, exported, sound, tmp_path):
    model, integers, point, folder = exported(units=48)
    pcm = sound(STREAM_SECONDS)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", pcm.tobytes()), hop_type(model))
    trace = SpotterC(folder).hear(pcm)
    assert len(found) == len(trace.codes) >= 10_000
    for field in found.dtype.names:
        np.testing.assert_array_equal(found[field], getattr(trace, field), err_msg=field)


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_steps_from_random_states_as_the_reference_does(core, exported, tmp_path):
    model, integers, _, folder = exported(units=33, bands=80, labels=13, hop_ms=10)
    codes, states = random_steps(model, 1000)
    content = b"".join(codes[step].tobytes() + states[step].tobytes() for step in range(len(codes)))
    found = np.frombuffer(
        run_proof(core, folder, tmp_path, "step", content),
        np.dtype([("states", "<i2", model.cell.units), ("logits", "<i2", len(model.labels))]),
    )
    logits, next_states = integers.step(codes, states.astype(np.int64))
    np.testing.assert_array_equal(found["states"], next_states)
    np.testing.assert_array_equal(found["logits"], logits)
