"""A damaged model is refused: kws_init sees every bit of it that is not padding, and reads nothing else on the way."""

import subprocess

import pytest

from firmware.compile.compiler import host_compiler, run_compiler
from firmware.compile.library import HOST_SOURCES
from firmware.paths import LIBRARY, ROOT

HOST = ROOT / "tests" / "host"
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
MODELS = [
    dict(units=5, bands=10, labels=4),
    dict(units=5, bands=10, labels=4, cell="ssm", depthwise_frames=3, layers=2),
    dict(units=3, bands=10, labels=4, cell="rnn", stacked_frames=2, convolution_channels=3),
]


@pytest.mark.parametrize("sizes", MODELS, ids=str)
def test_every_damaged_bit_is_refused_and_nothing_beyond_the_model_is_read(exported, tmp_path, sizes):
    *_, folder = exported(**sizes)
    sources = [LIBRARY / name for name in HOST_SOURCES]
    include = (f"-I{LIBRARY}", f"-I{folder}")
    run_compiler([*host_compiler(), *FLAGS, *include, "-o", tmp_path / "damage", HOST / "damage.c", *sources])
    done = subprocess.run([tmp_path / "damage"], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("0\n" * 4, "", 0)
