"""The fuzz targets' corpora, without a fuzzer: nothing that once was reached breaks anything, and they reach nearly all."""

import shutil
import subprocess

import pytest

from firmware.compile.compiler import host_compiler
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
