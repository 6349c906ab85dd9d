"""The gate: what it lets sleep, the same in C and in numpy, and what a model makes of a stream with holes."""

from dataclasses import replace
from types import SimpleNamespace

import cffi
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.detector import Detector, DetectorRule, detect
from calibration.records import Negatives
from calibration.streams.listening import hear_kind
from calibration.streams.tables import asleep_lines
from export.c_files import write_c
from firmware.compile.cores import CORES
from firmware.cost.measure import build_counted, measure
from firmware.cost.tables import asleep_table
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.gate import AWAKE_S, awake_hops
from firmware.generate.integers import posteriors
from firmware.host.binding import NOTHING, FrontendC, SpotterC
from tests.conftest import random_model

HOP_MS = [10, 20]
ffi = cffi.FFI()
ffi.cdef("struct kws_frontend { const void *features; uint32_t hops; };")  # as kws.h


def noise(seconds, rms, seed=0):
    return (
        np.random.default_rng(seed).normal(0, rms, int(seconds * SAMPLE_RATE_HZ)).clip(-32768, 32767).astype(np.int16)
    )


def word(seconds=0.4, rms=900):
    """Noise that swells and fades as a word does."""
    pcm = noise(seconds, rms, seed=1)
    return np.rint(pcm * np.sin(np.pi * np.arange(len(pcm)) / len(pcm))).astype(np.int16)


def in_a_room(rms, words_at_s, seconds):
    pcm = noise(seconds, rms).astype(np.int32)
    for second in words_at_s:
        begin = int(second * SAMPLE_RATE_HZ)
        pcm[begin : begin + len(word())] += word()
    return pcm.clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize("hop_ms", HOP_MS)
@pytest.mark.parametrize("rms", [0, 3, 40, 300])
def test_a_room_without_speech_is_slept_through_and_a_word_wakes(hop_ms, rms):
    frontend = Frontend(hop_ms, gate=True)
    awake = awake_hops(in_a_room(rms, [12], 20), frontend)
    second = 1000 // hop_ms
    assert awake[: AWAKE_S * second].all()
    assert awake[2 * second : 12 * second].mean() < 0.25
    assert awake[12 * second + second // 10 : int(13.3 * second)].all()
    assert awake[15 * second :].mean() < 0.25


def test_a_fan_that_is_switched_on_is_the_background_before_long():
    frontend = Frontend(gate=True)
    awake = awake_hops(np.concatenate([noise(5, 20), noise(120, 200)]), frontend)
    assert awake[250:300].all() and not awake[-500:].any()


@pytest.mark.parametrize("pcm", [np.zeros(SAMPLE_RATE_HZ * 5, np.int16), np.full(SAMPLE_RATE_HZ * 5, 32767, np.int16)])
def test_digital_silence_and_a_constant_offset_are_slept_through(pcm):
    assert not awake_hops(pcm, Frontend(gate=True))[51:].any()


@pytest.fixture(scope="module", params=HOP_MS)
def gated(request, tmp_path_factory):
    """A model with the gate, and its SpotterC."""
    model = random_model(20, hop_ms=request.param, cell="ssm", layers=2, depthwise_frames=3, gate=True)
    folder = tmp_path_factory.mktemp("gated")
    write_c(
        model, model.quantize(), Detector.with_one_threshold(9000, model.keywords, DetectorRule(2, 5)), folder / "c"
    )
    return model, SpotterC(folder / "c")


def detected_by_numpy(model, detector, pcm):
    """(awake, logits, smoothed, detected) of a stream by the references."""
    awake = awake_hops(pcm, model.frontend)
    codes = FrontendC(model.frontend).features(pcm)
    logits = np.zeros((len(awake), len(model.labels)), np.int16)
    logits[awake] = model.quantize().run(codes[awake][None])[0][0]
    smoothed, now = np.zeros((len(awake), model.keywords), np.uint16), np.zeros(model.keywords, np.int64)
    for hop, posterior in enumerate(posteriors(logits[None])[0, :, : model.keywords]):
        now = now + (posterior - now >> detector.rule.smoothing_shift) if awake[hop] else np.zeros_like(now)
        smoothed[hop] = now
    return awake, logits, smoothed, detect(smoothed, detector.points[0].thresholds, detector.rule)


STREAMS = {
    "a room": in_a_room(40, [3, 9, 9.6, 14], 18),
    "a loud room": in_a_room(600, [3, 9], 14),
    "full scale": noise(6, 60000),
    "silence": np.zeros(SAMPLE_RATE_HZ * 3, np.int16),
    "square": np.tile(np.repeat(np.array([32767, -32768], np.int16), 4), 8000),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_gated_stream_in_c_is_the_references(gated, name):
    model, spotter = gated
    spotter.reset()
    trace = spotter.hear(STREAMS[name])
    detector = Detector.of(spotter.model, spotter.model.words)
    awake, logits, smoothed, detected = detected_by_numpy(model, detector, STREAMS[name])
    np.testing.assert_array_equal(trace.awake, awake)
    np.testing.assert_array_equal(trace.logits[awake], logits[awake])
    np.testing.assert_array_equal(trace.smoothed, smoothed)
    np.testing.assert_array_equal(trace.detected, detected)
    np.testing.assert_array_equal(spotter.detect(trace.logits, trace.awake), detected)
    assert (detected[~awake] == NOTHING).all()
    asleep = np.flatnonzero(~awake[1:]) + 1
    np.testing.assert_array_equal(trace.memory[asleep], trace.memory[asleep - 1])


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 60000)), min_size=1, max_size=12))
@settings(max_examples=40)
def test_any_sound_wakes_c_as_it_wakes_numpy(gated, pieces):
    model, spotter = gated
    pcm = np.concatenate([noise(0.05 * length, rms, seed) for seed, (length, rms) in enumerate(pieces)])
    spotter.reset()
    np.testing.assert_array_equal(spotter.hear(pcm).awake, awake_hops(pcm, model.frontend))


def test_the_gate_sleeps_on_where_the_count_of_hops_wraps(gated):
    """After 2^32 hops, 1.4 or 2.7 years."""
    model, spotter = gated
    pcm = in_a_room(40, [], 6)
    hops = len(pcm) // model.frontend.hop_samples
    spotter.reset()
    wanted = spotter.hear(pcm).awake
    spotter.reset()
    ffi.cast("struct kws_frontend *", spotter._memory.pointer).hops = 2**32 - hops // 2
    np.testing.assert_array_equal(spotter.hear(pcm).awake, wanted)
    assert not wanted[hops // 2 : hops // 2 + 9].any()


@pytest.mark.parametrize("core", ["m0plus", "m4", "m55"])
def test_a_hop_asleep_takes_less_than_a_quarter_and_cost_says_so(core, tmp_path):
    model = random_model(8, cell="ssm", gate=True)
    write_c(model, model.quantize(), Detector.with_one_threshold(9000, model.keywords), tmp_path / "gated")
    entry = measure(
        CORES[core], [tmp_path / "gated"], build_counted(CORES[core], [tmp_path / "gated"], tmp_path / core)
    )
    awake, asleep = entry["instructions_per_hop"]["total"], entry["instructions_asleep"]
    assert 0 < asleep < awake / 4
    assert f"{awake:,} | {asleep:,} | {asleep / awake:.1%}" in asleep_table({core: {"mine": entry}})


def test_a_stream_says_how_much_of_it_was_slept_through(gated, tmp_path):
    model, spotter = gated
    soundfile.write(tmp_path / "room.wav", STREAMS["a room"], SAMPLE_RATE_HZ)
    detector = Detector.of(spotter.model, spotter.model.words)
    heard, _ = hear_kind(spotter, [(tmp_path / "room.wav", [])], detector, "room")
    assert heard.asleep == pytest.approx(1 - awake_hops(STREAMS["a room"], model.frontend).mean())
    negatives = {"room": Negatives(hours=1, recorded_hours=1, asleep=heard.asleep)}
    (line,) = asleep_lines(SimpleNamespace(negatives=negatives))
    assert line == f"asleep: room {heard.asleep:.1%} of all hops"
    assert not list(asleep_lines(SimpleNamespace(negatives={"room": Negatives(hours=1, recorded_hours=1)})))


def test_without_the_gate_every_hop_is_heard(tmp_path):
    model = random_model(8)
    write_c(model, model.quantize(), Detector.with_one_threshold(9000, model.keywords), tmp_path / "c")
    assert SpotterC(tmp_path / "c").hear(STREAMS["silence"]).awake.all()


def test_models_with_and_without_the_gate_have_features_of_their_own():
    front = Frontend()
    assert replace(front, gate=True) != front and replace(front, gate=True).always_awake == front
