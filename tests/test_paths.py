"""Jerboa works whatever its paths, its clone, the caller's compiler and the caller's Python settings are."""

import os
import subprocess
import sys


from firmware.paths import ROOT

ODD = """-it's 5 % "Ähre", #1=[a]; $HOME $(touch pwned) `touch pwned` \\"""


def make(*words, cwd=ROOT, **variables):
    """Run make with more variables in the environment; returns the finished process."""
    return subprocess.run(["make", *words], cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True)


# --- what cannot work


def test_what_cannot_work_is_refused_before_anything_is_done(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "gone" / "bin").mkdir(parents=True)
    (tmp_path / "gone" / "bin" / "python").symlink_to(tmp_path / "nowhere")
    lines = {
        ("BUILD", "file"): "is no folder; give one, or the name of one to be made",
        ("DATA", "file"): "is no folder; give one, or the name of one to be made",
        ("VENV", "file"): "is no folder; give one, or the name of one to be made",
        ("VENV", "gone"): "has no bin/python that runs; remove the folder, or give another as VENV=",
    }
    for (name, value), line in lines.items():
        words = {"VENV": sys.prefix, name: tmp_path / value}
        done = make("monitor", *(f"{name}={value}" for name, value in words.items()))
        assert done.stderr.splitlines()[0] == f"setup: {name}={tmp_path / value} {line}"
