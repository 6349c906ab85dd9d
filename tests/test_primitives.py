"""The primitives of the library, for every input that there is where that is possible."""

import subprocess

import numpy as np
import pytest

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CORES
from firmware.compile.library import WARNINGS
from firmware.emulate.qemu import run_image
from firmware.frontend import ENERGY_FLOOR, Frontend
from firmware.generate import integers
from firmware.host.binding import FrontendC
from firmware.image.core_image import build_image
from firmware.paths import LIBRARY, ROOT

HOST, EMULATED = ROOT / "tests" / "host", ROOT / "tests" / "emulated"
BLOCK = 256


def test_every_input_gives_what_the_definition_gives(tmp_path):
    sources = [HOST / "every_input.c", LIBRARY / "log.c", LIBRARY / "tables.c"]
    program = tmp_path / "every_input"
    run_compiler(["cc", "-std=c99", "-O3", "-march=native", *WARNINGS, f"-I{LIBRARY}", *sources, "-lm", "-o", program])
    done = subprocess.run([program], capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("\n") == 7


def blocks(values):
    """The values as whole blocks; the last one is repeated."""
    return np.concatenate([values, np.repeat(values[-1:], -len(values) % BLOCK, axis=0)])


def energies():
    """Of each power of two below 2^48, 2^12 energies that differ in the highest bits."""
    steps = (1 << 12) + np.arange(1 << 12, dtype=np.int64)
    values = np.unique(np.concatenate([steps << exponent >> 12 for exponent in range(48)]))
    return np.maximum(values - ENERGY_FLOOR, 0)


def inputs():
    """{primitive: (values, results of the reference)}; those of the logarithm are of the host."""
    codes = np.arange(-(1 << 15), 1 << 15, dtype=np.int32)
    sums = np.concatenate([np.arange(-(1 << 17), 1 << 17), np.arange(-(1 << 30), 1 << 30, 1 << 15)]).astype(np.int32)
    levels = blocks(energies())
    logits = np.stack([np.full(1 << 16, 32767), 32767 - np.arange(1 << 16)], axis=1)
    library = FrontendC(Frontend()).library
    return {
        "sigmoid": (codes, integers.sigmoid(codes.astype(np.int64)).astype("<i2")),
        "tanh": (sums, integers.tanh(sums.astype(np.int64)).astype("<i2")),
        "log": (levels.astype("<u8"), np.array([library.kws_log_code(level) for level in levels.tolist()], "<i2")),
        "posteriors": (logits.astype("<i2"), integers.posteriors(logits).astype("<u2")),
    }


@pytest.fixture(scope="module")
def wanted():
    return inputs()


@pytest.mark.parametrize("core", CORES.values(), ids=lambda core: core.name)
def test_a_core_gives_the_same_for_every_input(core, wanted, tmp_path):
    image = build_image(core, EMULATED / "primitives.c", tmp_path)
    for name, (values, results) in wanted.items():
        assert len(values) % BLOCK == 0
        (tmp_path / "in").write_bytes(values.tobytes())
        run_image(core, image, name, "in", "out", folder=tmp_path)
        found = np.frombuffer((tmp_path / "out").read_bytes(), results.dtype).reshape(results.shape)
        np.testing.assert_array_equal(found, results, err_msg=name)
