"""Arrows one way: firmware <- train <- calibration <- export, and torch and tensorflow only where they are needed."""

import ast
import subprocess
import sys

import pytest

from firmware.paths import ROOT

PACKAGES = ("firmware", "train", "calibration", "export", "tests")
TORCH_IN = {
    "train/network.py",
    "train/loop.py",
    "train/loss.py",
    "train/rounding.py",
    "train/checkpoint.py",
    "train/augmentation.py",
    "train/distillation.py",
    "train/normalisation.py",
    "train/optimizers.py",
    "train/muon.py",
    "train/anomaly/trainer.py",
    "train/processes.py",
    "train/fused/library.py",
    "train/fused/gru.py",
    "train/fused/ssm.py",
    "train/fused/convolution.py",
    "train/validation.py",
    "train/voice.py",
    "train/__main__.py",
    "train/training.py",
}
TENSORFLOW_IN = {"export/tflite_convert.py", "export/tflite_lstm.py", "export/tflite_run.py"}


def sources(package):
    return sorted((ROOT / package).rglob("*.py"))


def imported(path):
    """Top-level names of every module that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_before_it(package):
    later = set(PACKAGES[PACKAGES.index(package) + 1 :])
    for path in sources(package):
        assert not later & set(imported(path)), path


@pytest.mark.parametrize("library, allowed", [("torch", TORCH_IN), ("tensorflow", TENSORFLOW_IN)])
def test_a_heavy_library_is_imported_only_where_it_is_needed(library, allowed):
    users = {
        str(path.relative_to(ROOT))
        for package in PACKAGES[:-1]
        for path in sources(package)
        if library in set(imported(path))
    }
    assert users == allowed


def test_the_backend_of_pyplot_is_chosen_where_it_is_imported():
    users = {path for package in PACKAGES[:-1] for path in sources(package) if "matplotlib.pyplot" in path.read_text()}
    assert users == {ROOT / "calibration" / "plots.py"}


def test_a_model_that_ships_is_read_without_torch():
    program = "import sys; from calibration.models import load_model; load_model('commands-6k'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
