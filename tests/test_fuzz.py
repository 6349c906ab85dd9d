"""The fuzz targets' corpora, without a fuzzer: nothing that once was reached breaks anything, and they reach nearly all."""

import shutil
import subprocess
import sys

import pytest

from firmware.compile.compiler import host_compiler
from firmware.paths import ROOT
from tests.fuzz.coverage import coverage
from tests.fuzz.targets import SANITIZERS, TARGETS, inputs, replay, sanitized

COVERED = 0.98
"""Least share of the lines of library and application that the corpora run."""


@pytest.mark.parametrize("sanitizers", SANITIZERS)
@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_breaks_nothing(name, sanitizers, tmp_path):
    compiler = host_compiler()
    if sanitizers == "memory":
        compiler = [shutil.which("clang") or pytest.skip("gcc has no memory sanitizer: apt-get install clang")]
    done = subprocess.run(replay(name, tmp_path, compiler, sanitized(sanitizers)), capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == (f"{len(inputs(name))} inputs\n", "", 0)


def test_the_corpus_reaches_nearly_every_line():
    share, missed = coverage()
    assert share >= COVERED, missed


@pytest.mark.parametrize(
    "words, said",
    [
        (["--minutes", "0"], "--minutes 0.0: give more than 0"),
        (["--minutes", "nan"], "--minutes nan: give more than 0"),
        (["--coverage", "damage"], "damage: --readers and --coverage are of all, without targets"),
        (["tables"], "no fuzz target tables; there are"),
    ],
)
def test_words_that_mean_nothing_are_refused(words, said):
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith(f"fuzz: {said}")
