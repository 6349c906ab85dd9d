"""Fixtures: models with random but lively weights, exported as any other, and the corpora that DATA may hold."""

import os

import numpy as np
import pytest

from calibration.detector import OperatingPoint
from export.__main__ import write_c
from firmware.frontend import Frontend
from firmware.paths import data_folder
from train.cells.gru import Gru
from train.model import Features, Model


@pytest.fixture(scope="session", autouse=True)
def build_of_its_own(tmp_path_factory):
    """Tests build into a folder of their own, kept for the session."""
    os.environ["BUILD"] = str(tmp_path_factory.mktemp("build"))


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


def random_model(units, bands=40, labels=12, hop_ms=20, seed=0):
    """A Model whose state is lively: orthogonal recurrent weights, pre-activations of a few units."""
    random = np.random.default_rng(seed)
    frontend = Frontend(hop_ms=hop_ms, bands=bands)
    recurrent = np.stack([np.linalg.qr(random.normal(size=(units, units)))[0] for _ in range(3)])
    cell = Gru(
        random.normal(0, 3 / np.sqrt(bands), (3, units, bands)).astype(np.float32),
        recurrent.astype(np.float32),
        random.normal(0, 0.5, (4, units)).astype(np.float32),
    )
    names = tuple(f"word{index}" for index in range(labels - 2)) + ("unknown", "silence")
    return Model(
        "random",
        "gru",
        names,
        labels - 2,
        frontend,
        Features(85, 6),
        8,
        cell,
        random.normal(0, 2 / np.sqrt(units), (labels, units)).astype(np.float32),
        random.normal(0, 0.2, labels).astype(np.float32),
    )


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """exported(units, ...) -> (model, integers, operating point, folder with its kws_model.h, .c and model.json)."""
    made = {}

    def export(units=13, bands=40, labels=12, hop_ms=20, seed=0):
        key = (units, bands, labels, hop_ms, seed)
        if key not in made:
            model = random_model(*key)
            integers, point = model.quantize(), OperatingPoint(9000, 2, 10)
            folder = tmp_path_factory.mktemp("model")
            write_c(model, integers, point, folder)
            made[key] = model, integers, point, folder
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
