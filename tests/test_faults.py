"""Commands that are killed, that find the disk full or locked, or that run twice at once, at some of their steps.

`python -m tests.faults` tries all commands at all steps.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.paths import ROOT
from tests.faults.power import not_on_disk
from tests.faults.process import Step

BELOW = Path("/build")


def test_files_and_folders_are_whole_whatever_happens_at_a_step():
    command = [sys.executable, "-m", "tests.faults", "--every", "12", "package", "ship"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^(\w+): (\d+) steps; killed, full, locked and at once at (\d+) of them$", done.stdout, re.M)
    assert [name for name, *_ in rows] == ["package", "ship"]
    assert all(int(steps) > 30 and int(tried) >= 3 for _, steps, tried in rows)


def steps(text):
    """Steps of lines `kind path [other]`, below BELOW."""
    for line in text.strip().splitlines():
        kind, *paths = line.split()
        path, other = (*(BELOW / name for name in paths), None)[:2]
        yield Step(kind, path, other)


WHOLE = "open .a.1\nwrite .a.1\nfsync .a.1\nrename .a.1 a"
FOLDER = "mkdir .f\nopen .f/a\nwrite .f/a\n{}\nexchange .f f"


@pytest.mark.parametrize(
    "text, torn",
    [
        (WHOLE, []),
        (WHOLE.replace("fsync .a.1\n", ""), [".a.1"]),
        (WHOLE.replace("rename", "write .a.1\nrename"), [".a.1"]),
        ("open a\nwrite a\nfsync a", ["a"]),
        (FOLDER.format("sync .f"), []),
        (FOLDER.format("fsync .f/a\nfsync .f"), []),
        (FOLDER.format("fsync .f"), [".f/a"]),
        (FOLDER.format("fsync .f/a"), [".f"]),
    ],
)
def test_a_visible_name_before_its_content_is_found(text, torn):
    assert not_on_disk(steps(text), BELOW) == torn
