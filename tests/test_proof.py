"""The same bits everywhere, 0 LSB, on every element.

From PCM to features: host C == every emulated core.  From features to detection: numpy reference == host C == every
core, the whole memory and logits of a stream of more than 10,000 hops, for every cell; smoothed posteriors and detections
too, which no cell knows of, for one.  Single steps from full-range random memories, for every kind of layer: over odd
sizes on the host, of one odd network on every core.
"""

import functools

import numpy as np
import pytest

from calibration.detector import detect, smooth
from firmware.compile.cores import CORES, CROSS
from firmware.emulate.qemu import run_image
from firmware.host.binding import SpotterC
from firmware.image.core_image import build_image
from firmware.paths import ROOT
from tests.compilers import M23, clang_for_cores
from tests.measure.features import extreme_signals
from train.layers import CELLS, Depthwise

PROOF = ROOT / "tests" / "emulated" / "proof.c"
STREAM_SECONDS = 205
ODD_SIZES = [
    dict(units=1, labels=3),
    dict(units=7, bands=11, labels=4),
    dict(units=33, bands=80, labels=13, hop_ms=10),
    dict(units=64, bands=10),
    dict(units=256, labels=5),
    dict(units=9, layers=3),
    dict(units=10, stacked_frames=3),
    dict(units=8, depthwise_frames=3, layers=2, features=(100, 8)),
    dict(units=14, features=(0, 3), stacked_frames=10),
    dict(units=15, bands=21, depthwise_frames=2),
    dict(units=11, bands=13, stacked_frames=2, convolution_channels=17, layers=2),
]
CORE_SIZES = dict(units=23, bands=80, labels=13, hop_ms=10, stacked_frames=2, convolution_channels=19)
CORE_SIZES |= dict(layers=2, depthwise_frames=4)
SHIPPED_KIND = dict(cell="ssm", units=23, bands=14, layers=2, depthwise_frames=3)
"""The layers that the shipped models have, for which some cores have assembly."""
STREAM_SIZES = {
    "rnn": dict(units=41, stacked_frames=3, convolution_channels=17),
    "gru": dict(units=48),
    "ssm": dict(units=31, layers=2, depthwise_frames=3),
}


def stream_sizes(cell):
    return STREAM_SIZES.get(cell, dict(units=33))


def hop_type(model, integers):
    """What proof.c writes of a hop."""
    return np.dtype(
        [
            ("memory", "<i2", integers.memory_codes()),
            ("smoothed", "<u2", model.keywords),
            ("detected", "u1"),
        ]
    )


def random_codes(random, count, columns, largest):
    """int16 [count, columns] over -largest..largest - 1, a tenth of the rows at the limits."""
    codes = random.integers(-largest, largest, (count, columns))
    extreme = random.random(count) < 0.1
    codes[extreme] = random.choice([-largest, largest - 1], codes[extreme].shape)
    return codes.astype(np.int16)


def random_memories(model, count, seed=1):
    """Unrelated memories int16 [count, codes], each layer's over the full range of what it keeps."""
    random = np.random.default_rng(seed)
    parts = [random_codes(random, count, model.frontend.bands, 128)]
    for layer, source in zip(model.layers.values(), model.formats().values(), strict=True):
        kept = source if isinstance(layer, Depthwise) else layer.output_format(source)
        part = random_codes(random, count, layer.memory_codes(), kept.largest)
        parts.append(layer.pack(part[:, : layer.units], layer.unpack(part)))
    return np.concatenate(parts, axis=1)


def hardest_memories(model, integers, rows=4):
    """Memories int16 [count, codes] in which a state at its limits meets each weight of a row with the weight's own sign."""
    sizes = [model.frontend.bands, *(layer.memory_codes() for layer in model.layers.values())]
    begins, found = np.cumsum(sizes), []
    for begin, (name, layer) in zip(begins[:-1], model.layers.items(), strict=True):
        weights = integers.rows[name].recurrent_weights if integers.rows[name] else np.zeros(0)
        for row in weights[:rows].reshape(-1, layer.units) if weights.size else ():
            for sign in (1, -1):
                memory = np.zeros(sum(sizes), np.int16)
                memory[begin : begin + layer.units] = np.where(row.astype(int) * sign >= 0, 32767, -32768)
                found.append(memory)
    return np.array(found, np.int16).reshape(-1, sum(sizes))


def reference_stream(model, integers, detector, codes):
    """memory, logits, smoothed and detected of features, by numpy alone."""
    memories, states = [], integers.zero_states(1)
    for hop in codes:
        _, states, memory = integers.step(hop[None], states)
        memories.append(memory[0])
    memories = np.stack(memories)
    logits = memories[:, -len(model.labels) :].astype(np.int64)
    smoothed = smooth(logits[None], model.keywords, detector.rule.smoothing_shift)[0]
    return memories, smoothed, detect(smoothed, detector.points[0].thresholds, detector.rule)


@pytest.fixture(scope="module")
def streams(exported, sound):
    """streams(cell) -> the features of a long stream, and what the reference makes of them."""

    @functools.cache
    def stream(cell):
        model, integers, detector, folder = exported(cell=cell, **stream_sizes(cell))
        codes = SpotterC(folder).hear(sound(STREAM_SECONDS)).codes
        assert len(codes) >= 10_000
        return codes, reference_stream(model, integers, detector, codes)

    return stream


@pytest.mark.parametrize("cell", CELLS)
def test_host_stream_equals_the_reference(exported, sound, streams, cell):
    *_, folder = exported(cell=cell, **stream_sizes(cell))
    trace = SpotterC(folder).hear(sound(STREAM_SECONDS))
    _, (memory, smoothed, detected) = streams(cell)
    np.testing.assert_array_equal(trace.memory, memory)
    np.testing.assert_array_equal(trace.smoothed, smoothed)
    np.testing.assert_array_equal(trace.detected, detected)
    assert len(set(trace.detected)) >= 3, "the stream should make several keywords fire"


@pytest.mark.parametrize("sizes", ODD_SIZES, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_host_steps_of_odd_sizes_equal_the_reference(exported, cell, sizes):
    model, integers, _, folder = exported(cell=cell, **sizes)
    memory = np.concatenate([random_memories(model, 300), hardest_memories(model, integers)])
    codes, states = integers.unpack(memory)
    np.testing.assert_array_equal(SpotterC(folder).step(memory), integers.step(codes, states)[2])


def run_proof(core, folder, tmp_path, mode, content, **build):
    """What proof.c writes, as bytes."""
    image = build_image(core, PROOF, tmp_path / core.name, [folder], **build)
    (tmp_path / "input").write_bytes(content)
    run_image(core, image, mode, "input", "output", folder=tmp_path)
    return (tmp_path / "output").read_bytes()


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_hears_a_long_stream_as_the_host_does(core, exported, sound, tmp_path):
    model, integers, _, folder = exported(**stream_sizes("gru"))
    pcm = sound(STREAM_SECONDS)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", pcm.tobytes()), hop_type(model, integers))
    trace = SpotterC(folder).hear(pcm)
    assert len(found) == len(trace.codes) >= 10_000
    for field in found.dtype.names:
        np.testing.assert_array_equal(found[field], getattr(trace, field), err_msg=field)


def hardest_sound():
    """PCM int16: full-scale tones, clipping, impulses, DC, alternating signs, noise over the full range and at its limits."""
    random = np.random.default_rng(0)
    noise = [random.integers(-32768, 32768, 16_000), random.choice([-32768, 32767], 16_000)]
    return np.concatenate([*extreme_signals().values(), *noise]).astype(np.int16)


@pytest.mark.parametrize("frontend", [dict(), dict(bands=80, hop_ms=10)], ids=["usual", "dense"])
@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_hears_extreme_signals_as_the_host_does(core, frontend, exported, tmp_path):
    model, integers, _, folder = exported(units=7, **frontend)
    pcm = hardest_sound()
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", pcm.tobytes()), hop_type(model, integers))
    np.testing.assert_array_equal(found["memory"], SpotterC(folder).hear(pcm).memory)


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_a_core_sleeps_and_wakes_as_the_host_does(core, exported, sound, tmp_path):
    model, integers, _, folder = exported(units=7, gate=True)
    quiet = np.random.default_rng(0).integers(-6, 7, 40_000).astype(np.int16)
    pcm = np.concatenate([part for seed in range(4) for part in (sound(2, seed), quiet)])
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", pcm.tobytes()), hop_type(model, integers))
    trace = SpotterC(folder).hear(pcm)
    assert 0.5 < trace.awake.mean() < 0.9
    for field in found.dtype.names:
        np.testing.assert_array_equal(found[field], getattr(trace, field), err_msg=field)


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
@pytest.mark.parametrize("cell", CELLS)
def test_a_core_carries_a_long_stream_as_the_reference_does(core, cell, exported, streams, tmp_path):
    *_, folder = exported(cell=cell, **stream_sizes(cell))
    codes, (memory, *_) = streams(cell)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "stream", codes.astype("<i2").tobytes()), "<i2")
    np.testing.assert_array_equal(found.reshape(-1, memory.shape[1]), memory)


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
@pytest.mark.parametrize(
    "sizes", [*(dict(cell=cell, **CORE_SIZES) for cell in CELLS), SHIPPED_KIND], ids=[*CELLS, "shipped"]
)
def test_a_core_steps_from_random_memories_as_the_reference_does(core, sizes, exported, tmp_path):
    model, integers, _, folder = exported(**sizes)
    memory = random_memories(model, 1000)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "step", memory.tobytes()), "<i2").reshape(memory.shape)
    codes, states = integers.unpack(memory)
    np.testing.assert_array_equal(found, integers.step(codes, states)[2])


BUILDS = [
    *(
        (core, level, compiler)
        for core in ("m0plus", "m4")
        for level in ("-Os", "-O0")
        for compiler in ("gcc", "clang")
    ),
    ("m55", "-O0", "gcc"),
    ("m55", "-O2", "clang"),
    ("m23", "-O2", "gcc"),
    ("m23", "-Os", "clang"),
]


@pytest.mark.parametrize("core, level, compiler", BUILDS, ids=["".join(build) for build in BUILDS])
def test_a_core_computes_the_same_however_it_is_compiled(core, level, compiler, exported, tmp_path):
    """An emulated M33 runs what is compiled for the M23, whose instructions it has."""
    core = M23 if core == "m23" else CORES[core]
    cross = [f"{CROSS}gcc"] if compiler == "gcc" else clang_for_cores()
    build = dict(options=(level, "-z", "noexecstack"), compiler=cross)
    for sizes in (dict(units=7), dict(cell="ssm", **CORE_SIZES)):
        model, integers, _, folder = exported(**sizes)
        pcm = hardest_sound()
        written = run_proof(core, folder, tmp_path, "hear", pcm.tobytes(), **build)
        found = np.frombuffer(written, hop_type(model, integers))
        np.testing.assert_array_equal(found["memory"], SpotterC(folder).hear(pcm).memory)
    for cell in CELLS:
        model, integers, _, folder = exported(cell=cell, **CORE_SIZES)
        memory = random_memories(model, 200)
        found = np.frombuffer(run_proof(core, folder, tmp_path, "step", memory.tobytes(), **build), "<i2")
        codes, states = integers.unpack(memory)
        np.testing.assert_array_equal(found.reshape(memory.shape), integers.step(codes, states)[2])
