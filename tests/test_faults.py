"""Commands that are killed, that find the disk full or locked, or that run twice at once, at some of their steps.

`python -m tests.faults` tries all commands at all steps.
"""

import os
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


def test_every_file_of_a_c_program_counts(tmp_path):
    """The C library may give the next FILE the address of the one before."""
    program = tmp_path / "three.py"
    program.write_text(
        "import ctypes\n"
        "c = ctypes.CDLL(None)\n"
        "c.fopen.restype = ctypes.c_void_p\n"
        "for name in (b'a', b'b', b'c'):\n"
        "    file = ctypes.c_void_p(c.fopen(name, b'w'))\n"
        "    c.fwrite(b'12', 1, 2, file)\n"
        "    c.fclose(file)\n"
    )
    script = (
        "import os, sys\n"
        "from tests.faults.process import Runner, begin_again\n"
        "begin_again()\n"
        f"os.chdir({str(tmp_path)!r})\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        f"print(*(step.kind for step in Runner({str(tmp_path)!r}).run('three', [], {{}}).steps))\n"
    )
    (tmp_path / "count.py").write_text(script)
    done = subprocess.run(
        [sys.executable, tmp_path / "count.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["open", "write"] * 3, done.stderr
