"""Fixtures: models with random but lively weights, exported as any other, and the corpora that DATA may hold."""

import importlib.util
import os
import shutil
import signal
from types import SimpleNamespace

import hypothesis
import numpy as np
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from calibration.detector import Detector, DetectorRule, OperatingPoint
from calibration.models import load_calibration, load_model
from calibration.ranges import activation_ranges, joined_streams
from export.artefacts import comparison_features, write_graphs
from export.c_files import write_c
from firmware.frontend import Frontend
from firmware.image.board_image import link_board
from firmware.model_json import read_model_json
from firmware.paths import MODELS, ROOT, build_folder, data_folder
from tests.recordings import record_mine
from train.anomaly.recipe import ANOMALY, NORMAL
from train.layers import Depthwise
from train.model import Features, Model
from train.network import initial_layers
from train.recipe import parse_recipe

HANG_S = 3600
"""A test that took so long hangs.  Nothing else in tests is limited in time, for the machine may be busy otherwise."""

set_hypothesis_home_dir(build_folder() / "hypothesis")
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items):
    """Marks what tests/slow.txt lists (tests/measure/slow.py)."""
    slow = set((ROOT / "tests" / "slow.txt").read_text().split())
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test in slow or test.partition("::")[0] in slow:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    def end(*_):
        pytest.fail(f"it hangs: no end within {HANG_S} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(HANG_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session", autouse=True)
def build_of_its_own(tmp_path_factory):
    """Tests build into a folder of their own, kept for the session; a make that they run knows nothing of `make test`."""
    os.environ["BUILD"] = str(tmp_path_factory.mktemp("build"))
    for name in ("MAKEFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)


@pytest.fixture
def optional():
    """optional(lacking): goes on if nothing is lacking; otherwise skips, or fails where ALL_DATA says all must be there."""

    def require(lacking):
        if lacking:
            pytest.fail(lacking) if os.environ.get("ALL_DATA") else pytest.skip(lacking)

    return require


@pytest.fixture(scope="session")
def corpus():
    """corpus(name): the folder DATA/name, or a skip that names it; a failure where ALL_DATA says all must be there."""

    def folder(name):
        path = data_folder() / name
        if not path.exists():
            message = f"corpus {name} is not in DATA ({data_folder()})"
            pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
        return path

    return folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty DATA, and a BUILD that keeps nothing from other tests."""
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    return tmp_path / "data"


@pytest.fixture
def mine(data):
    """The folder of record_mine in an empty DATA."""
    return record_mine(data)


RANDOM = "random"
"""The recipe of a random_model."""

LIVELY = {"rnn": 2, "ssm": 4}
"""How large the input weights of a cell are, so that its pre-activations are a few units; else 3."""


def ranges_of(model):
    """Activation ranges: calibrated ones of a model that ships, else of the features that exports are compared on."""
    if model.recipe != RANDOM:
        return load_calibration(model.recipe, model).ranges
    clips, _ = comparison_features(model)
    return activation_ranges(model, joined_streams(np.tile(clips, (2, 1, 1))))


def lively(layer, random, size):
    """A layer with weights and biases so large that what it carries moves all the time."""
    arrays = {
        **layer.arrays(),
        "input_weights": random.normal(0, size / np.sqrt(layer.inputs), layer.input_weights.shape),
        "bias": layer.bias + random.normal(0, 0.5, layer.bias.shape),
    }
    if "reach" in arrays:
        arrays["reach"] = np.array([12])
    arrays = {field: value.astype(np.float32) for field, value in arrays.items()}
    return type(layer)(**{**layer.settings(), **arrays})


def random_model(
    units,
    bands=40,
    labels=12,
    hop_ms=20,
    high_hz=4000,
    seed=0,
    features=(85, 6),
    cell="gru",
    layers=1,
    stacked_frames=1,
    convolution_channels=0,
    depthwise_frames=1,
    words=None,
    gate=False,
    task="keywords",
    sensor=None,
):
    """A Model whose state is lively: orthogonal recurrent weights, pre-activations of a few units."""
    random = np.random.default_rng(seed)
    names = (*(words or (f"word{index}" for index in range(labels - 2))), "unknown", "silence")
    front = sensor or Frontend(hop_ms, bands, high_hz, gate)
    names = {"keywords": names, "voice": ("voice", "silence"), "anomaly": (ANOMALY, NORMAL)}[task]
    wanted = SimpleNamespace(
        front=front,
        labels=names,
        task=task,
        outputs=front.bands if task == "anomaly" else len(names),
        cell=cell,
        units=units,
        layers=layers,
        stacked_frames=stacked_frames,
        convolution_channels=convolution_channels,
        depthwise_frames=depthwise_frames,
    )
    made = initial_layers(wanted, random)
    for name, layer in made.items():
        if isinstance(layer, Depthwise):
            made[name] = Depthwise(random.normal(0, 1, layer.weights.shape).astype(np.float32))
        elif layer.arrays():
            size = {"convolution": 1, "logits": 2, "deviations": 0.3}.get(name, LIVELY.get(cell, 3))
            made[name] = lively(layer, random, size)
    keywords = len(names) - 2 if task == "keywords" else 1
    of_scores = "anomaly" if task == "anomaly" else "keywords"
    return Model(RANDOM, names, keywords, wanted.front, Features(*features), made, of_scores)


def detector_of(model):
    """A Detector with two operating points, the same for every keyword."""
    points = (("balanced", 9000), ("strict", 20000))
    return Detector(
        DetectorRule(refractory_hops=10, confirm_hops=1),
        tuple(OperatingPoint(name, (threshold,) * model.keywords) for name, threshold in points),
    )


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """exported(units, ...) -> (model, integers, detector, folder with its kws_model.h, .c and model.json).

    exported(shipped="commands-6k") is the model that ships, with another detector.
    """
    made = {}

    def export(units=13, shipped=None, **sizes):
        key = (units, shipped, *sorted(sizes.items()))
        if key not in made:
            model = load_model(shipped)[0] if shipped else random_model(units, **sizes)
            integers, detector = model.quantize(), detector_of(model)
            folder = tmp_path_factory.mktemp("model")
            write_c(model, integers, detector, folder)
            made[key] = model, integers, detector, folder
        return made[key]

    return export


@pytest.fixture(scope="session")
def board_image(tmp_path_factory):
    """board_image(board) -> its application.elf with commands-6k."""
    made = {}

    def build(board):
        if board.name not in made:
            made[board.name] = link_board(board, [MODELS / "commands-6k"], tmp_path_factory.mktemp(board.name))
        return made[board.name]

    return build


@pytest.fixture(scope="session")
def with_graphs(exported, tmp_path_factory):
    """with_graphs(units, ...) -> (model, integers, folder as `make export` leaves it); a skip without tensorflow."""
    made = {}

    def export(**sizes):
        if importlib.util.find_spec("tensorflow") is None:
            message = "tensorflow is not installed"
            pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
        key = tuple(sorted(sizes.items()))
        if key not in made:
            model, integers, _, source = exported(**sizes)
            folder = tmp_path_factory.mktemp("artefacts")
            shutil.copytree(source, folder / "firmware")
            write_graphs(model, integers, ranges_of(model), folder, read_model_json(source).model_sha256)
            made[key] = model, integers, folder
        return made[key]

    return export


@pytest.fixture(scope="session")
def sound():
    """sound(seconds, seed) -> PCM int16: quiet and loud bursts, tones, silence, full scale."""

    def make(seconds, seed=0):
        random = np.random.default_rng(seed)
        time = np.arange(1600) / 16000
        pieces = []
        for _ in range(seconds * 10):
            level = np.exp(random.uniform(0, np.log(60_000)))
            wave = (
                random.normal(size=1600)
                if random.random() < 0.5
                else np.sin(2 * np.pi * random.uniform(50, 4000) * time) * 1.5
            )
            pieces.append(wave * level * (random.random() < 0.9))
        return np.clip(np.rint(np.concatenate(pieces)), -32768, 32767).astype(np.int16)

    return make


SMALL_RECIPE = """
keywords = ["yes", "stop"]
units = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [{ kind = "logmel" }]
training = { epochs = 1, windows = 4, batch = 2 }
"""


@pytest.fixture
def recipe():
    """recipe(lines) -> a small Recipe with more top-level settings."""
    return lambda lines="": parse_recipe(f"{lines}\n{SMALL_RECIPE}", "small")
