"""docs/cells.md tells how a cell is added: what the page says, done to a copy of the tree, passes the tests of every cell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from firmware.paths import ROOT

TESTS = ("tests/test_proof.py", "tests/test_layers.py", "tests/test_training.py", "tests/test_fifth_export.py")

EXPORT = """


from export import agreement, onnx_graphs
from export.artefacts import comparison_features
from tests.conftest import random_model, ranges_of


def test_mgu_is_within_the_contract(tmp_path):
    model = random_model(units=19, cell="mgu", layers=2)
    integers = model.quantize()
    onnx_graphs.write_onnx_graphs(tmp_path, model, integers, ranges_of(model), {})
    agreement.check_contract(agreement.agreement(tmp_path, model, integers, *comparison_features(model)))
"""


def left_out(folder, names):
    """What a copy of the tree can do without."""
    return set(names) & ({".git", ".venv", "build", "data"} if Path(folder) == ROOT else {"models"})


def follow(page, tree):
    """Add the page's cell to a tree: the files that its code blocks are, and the two lines."""
    for language, path in (("python", "train/layers/mgu.py"), ("c", "firmware/library/mgu.c")):
        assert f"`{path}`" in page
        (tree / path).write_text(re.search(rf"```{language}\n(.*?)```", page, flags=re.S)[1])
    cells = tree / "train" / "layers" / "__init__.py"
    line, entry = "from train.layers.mgu import Mgu", '"mgu": Mgu'
    assert f"`{line}`" in page and f"`{entry}`" in page
    text = cells.read_text()
    assert "\nCELLS = {" in text
    cells.write_text(f"{line}\n" + text.replace("\nCELLS = {", f"\nCELLS = {{{entry}, "))


def test_a_fifth_cell_is_two_files_and_two_lines(tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=left_out)
    follow((ROOT / "docs" / "cells.md").read_text(), tree)
    (tree / "tests" / "test_fifth_export.py").write_text(EXPORT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-k", "mgu", *TESTS],
        cwd=tree,
        env=os.environ | {"BUILD": str(tmp_path / "build")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 30
