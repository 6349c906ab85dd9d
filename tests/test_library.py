"""What the library promises as an object file: nothing hidden, generated tables up to date, footprint as stated."""

import re
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firmware.compile.compiler import BuildError, run_compiler
from firmware.compile.cores import CORES, CROSS
from firmware.compile.library import LIBRARY_SOURCES, build_library
from firmware.emulate import qemu
from firmware.emulate.qemu import EmulationError, run_image
from firmware.generate import integers, tables
from firmware.host.binding import SpotterC
from firmware.image.core_image import build_image, build_spotter
from firmware.paths import APPLICATION, EMULATED, LIBRARY
from train.layers import KINDS

ALLOWED_UNDEFINED = {
    "memcpy",
    "memset",
    "memmove",
    "__aeabi_lmul",
    "__aeabi_uidiv",
    "__aeabi_llsl",
    "__aeabi_llsr",
    "__aeabi_lasr",
    "__gnu_thumb1_case_uqi",
    "__gnu_thumb1_case_sqi",
    "__gnu_thumb1_case_uhi",
}


@pytest.fixture(scope="module", params=CORES.values(), ids=CORES)
def library(request, exported, tmp_path_factory):
    *_, folder = exported(units=48)
    return build_library(request.param, folder, tmp_path_factory.mktemp("library"))


def test_the_library_needs_no_heap_no_float_and_no_libm(library):
    symbols = [line.split() for line in run_compiler([f"{CROSS}nm", library]).splitlines() if line.strip()]
    defined = {words[-1] for words in symbols if len(words) == 3}
    undefined = {words[-1] for words in symbols if len(words) == 2 and words[0] == "U"} - defined
    assert undefined <= ALLOWED_UNDEFINED


def test_the_library_has_no_writable_data(library):
    sizes = [line.split() for line in run_compiler([f"{CROSS}size", library]).splitlines()[1:]]
    assert sum(int(words[1]) + int(words[2]) for words in sizes) == 0


def test_every_exported_symbol_begins_with_kws(library):
    symbols = [line.split() for line in run_compiler([f"{CROSS}nm", "-g", library]).splitlines() if line.strip()]
    assert all(words[2].startswith("kws_") for words in symbols if len(words) == 3)


def test_committed_tables_are_what_the_description_generates():
    assert (LIBRARY / "tables.h").read_text() == tables.header_text()
    assert (LIBRARY / "tables.c").read_text() == tables.source_text()


def test_the_stated_ram_is_that_of_the_struct(exported, tmp_path):
    for sizes in (
        dict(units=48),
        dict(units=33, bands=80, labels=13, hop_ms=10),
        dict(units=33, cell="ssm", stacked_frames=3, layers=2),
        dict(units=256, cell="lstm"),
    ):
        *_, folder = exported(**sizes)
        check = tmp_path / "check.c"
        stated = SpotterC(folder).model.ram_bytes
        check.write_text(f'#include "kws.h"\ntypedef char size_is_stated[sizeof(struct kws) == {stated} ? 1 : -1];\n')
        run_compiler(
            [f"{CROSS}gcc", "-mcpu=cortex-m4", "-mthumb", f"-I{LIBRARY}", f"-I{folder}", "-fsyntax-only", check]
        )


def test_includes_go_from_hop_to_stages_to_primitives():
    layers = {
        "kws": 3,
        "integrity": 3,
        "frontend": 2,
        "window": 2,
        "window_helium": 2,
        "fft_helium": 2,
        "power_helium": 2,
        "fft": 2,
        "power": 2,
        "mel": 2,
        "log": 2,
        "network": 2,
        "layer": 2,
        "accumulate": 2,
        "rows": 2,
        "row_blocks": 2,
        "lanes": 1,
        "lanes_one": 1,
        "lanes_helium": 1,
        **dict.fromkeys(KINDS, 2),
        **dict.fromkeys((source.stem for source in LIBRARY.glob("*.S")), 2),
        "detector": 2,
        "frontend_kernels": 1,
        "frontend_helium": 1,
        "gates": 1,
        "requantize": 1,
        "primitives": 0,
        "tables": 0,
        "kws_model": 0,
        "target": 0,
    }
    for source in (*LIBRARY.glob("*.[cS]"), *LIBRARY.glob("*.h")):
        for included in re.findall(r'#include "(\w+)\.h"', source.read_text()):
            assert layers[included] <= layers[source.stem], f"{source.name} includes {included}.h"
    assert {source.name for source in LIBRARY.glob("*.[cS]")} == set(LIBRARY_SOURCES)


# --- a model that does not fit


def test_header_and_arrays_of_different_exports_do_not_compile(exported, tmp_path):
    *_, first = exported(units=48)
    *_, second = exported(units=48, seed=1)
    (tmp_path / "kws_model.h").write_text((first / "kws_model.h").read_text())
    (tmp_path / "kws_model.c").write_text((second / "kws_model.c").read_text())
    with pytest.raises(BuildError, match="different exports"):
        run_compiler(["cc", f"-I{LIBRARY}", f"-I{tmp_path}", "-fsyntax-only", tmp_path / "kws_model.c"])


@pytest.mark.parametrize(
    "size",
    ["LAYERS", "MEMORY_CODES", "SUMS", "BANDS", "BINS", "HOP_SAMPLES", "LABELS", "KEYWORDS", "LABEL_BYTES"],
)
def test_a_library_built_for_other_sizes_does_not_link(exported, tmp_path, size):
    *_, first = exported(units=48)
    header = (first / "kws_model.h").read_text()
    other = re.sub(rf"(#define KWS_{size} )(\d+)", lambda match: match[1] + str(int(match[2]) - 1), header)
    assert other != header
    (tmp_path / "kws_model.h").write_text(other)
    core = CORES["m4"]
    library = build_library(core, tmp_path, tmp_path / "other")
    program = EMULATED / "spotter.c"
    folders = [f"-I{folder}" for folder in (LIBRARY, APPLICATION, EMULATED, first)]
    with pytest.raises(BuildError, match="undefined reference to `kws_init_hop320_bands40_"):
        run_compiler(
            [
                f"{CROSS}gcc",
                *core.flags,
                "-mthumb",
                *folders,
                "-nostartfiles",
                program,
                APPLICATION / "line.c",
                EMULATED / "semihosting.c",
                first / "kws_model.c",
                library,
            ]
        )


FIELDS = ["bias", "multiplier", "input_weights", "recurrent_weights"]
CORRUPTED = [
    *(rf"\.gru1_{field} = " for field in FIELDS),
    r"\.scaling = ",
    r"\.logits_input_weights = ",
    r"\.memory_codes = ",
    r"\.points = ",
]


@pytest.mark.parametrize("field", CORRUPTED)
def test_a_corrupted_array_is_refused_at_init(exported, tmp_path, field):
    *_, folder = exported(units=13)
    for file in folder.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    text = (folder / "kws_model.c").read_text()
    place = re.search(rf"{field}\D*?\d*(\d)", text).start(1)
    flipped = text[:place] + str(int(text[place]) ^ 1) + text[place + 1 :]
    (tmp_path / "kws_model.c").write_text(flipped)
    with pytest.raises(ValueError, match="damaged, its hash does not match"):
        SpotterC(tmp_path)
    image = build_image(CORES["m4"], tmp_path, EMULATED / "spotter.c", tmp_path / "m4")
    with pytest.raises(EmulationError, match="the model is corrupt"):
        run_image(CORES["m4"], image, "none")


def test_an_image_that_does_not_end_is_stopped_by_the_processor_time_that_it_took(monkeypatch):
    monkeypatch.setattr(qemu, "CPU_LIMIT_S", 1)
    with pytest.raises(EmulationError, match=r"spotter.elf: took more than 1 s of processor time on an emulated m4"):
        run_image(CORES["m4"], build_spotter("commands-6k", CORES["m4"]), "/dev/zero")


# --- numbers


@given(arrays(np.int64, 12, elements=st.integers(-32768, 32767)))
def test_posteriors_are_a_softmax(logits):
    found = integers.posteriors(logits) / 32768
    real = np.exp((logits - logits.max()) / 1024)
    np.testing.assert_allclose(found, real / real.sum(), atol=0.002)


@pytest.mark.parametrize(
    "name, function, limit, end",
    [("sigmoid", lambda x: 1 / (1 + np.exp(-x)), 2.6e-4, 8), ("tanh", np.tanh, 5e-4, 3.9), ("tanh", np.tanh, 8e-4, 8)],
)
def test_gates_are_within_their_stated_error(name, function, limit, end):
    codes = np.arange(-32768, 32768)
    codes = codes[np.abs(codes) <= end * 4096]
    np.testing.assert_allclose(getattr(integers, name)(codes) / 32768, function(codes / 4096), atol=limit)


def test_reset_is_a_fresh_start(exported, sound):
    *_, folder = exported(units=48)
    used, pcm = SpotterC(folder), sound(3)
    used.hear(sound(5, seed=1))
    used.reset()
    wanted, found = SpotterC(folder).hear(pcm), used.hear(pcm)
    for field in vars(wanted):
        np.testing.assert_array_equal(getattr(found, field), getattr(wanted, field), err_msg=field)


def test_the_header_compiles_as_c99_without_extensions(exported, tmp_path):
    *_, folder = exported(units=48)
    (tmp_path / "user.c").write_text('#include "kws.h"\n')
    done = subprocess.run(
        [
            "cc",
            "-std=c99",
            "-pedantic",
            "-Wall",
            "-Wextra",
            "-Werror",
            f"-I{LIBRARY}",
            f"-I{folder}",
            "-fsyntax-only",
            tmp_path / "user.c",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
