"""Packages: each holds the library and the model as they are, compiles where it is unpacked, and its example hears the same."""

import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CORES, CROSS, CROSS_FLAGS
from firmware.compile.library import LIBRARY_SOURCES, WARNINGS
from firmware.host.binding import NOTHING, SpotterC
from firmware.package.contents import read_contents
from firmware.paths import LIBRARY, MODELS, ROOT
from tests.packages import EXAMPLES, SKETCH_WARNINGS, STAND_INS, run_example, sketch_flags, tool, unpack

ECOSYSTEMS = tuple(EXAMPLES)
ENDS = {"zephyr": ["the microphone has stopped"], "cmsis_pack": ["the audio driver has stopped"]}
"""What an example says of a driver that ends."""
SMALL_CORES = ("m4", "m0plus")


@pytest.fixture(scope="module")
def model(exported):
    *_, folder = exported(units=13)
    return folder


@pytest.fixture(scope="module")
def packages(model, tmp_path_factory):
    return unpack(model, tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_a_package_holds_the_library_and_the_model_as_they_are(packages, model, ecosystem):
    source = packages[ecosystem].folder / "src"
    wanted = {path.name: path.read_bytes() for path in (*LIBRARY.iterdir(), *model.glob("kws_model.[ch]"))}
    assert {path.name: path.read_bytes() for path in (source / "kws").iterdir()} == wanted
    assert [path.name for path in source.glob("*.*")] == ["Jerboa.h"]
    assert (packages[ecosystem].folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("core", SMALL_CORES)
@pytest.mark.parametrize("ecosystem", ("arduino", "platformio", "cmsis_pack"))
def test_a_package_compiles_by_its_one_include_path(packages, tmp_path, ecosystem, core):
    package, flags = packages[ecosystem], (*CORES[core].flags, *CROSS_FLAGS, f"-I{packages[ecosystem].folder / 'src'}")
    for source in package.sources():
        run_compiler([f"{CROSS}gcc", *flags, *WARNINGS, "-c", "-o", tmp_path / f"{source.name}.o", source])
    assert len([*tmp_path.iterdir()]) == len(LIBRARY_SOURCES) + 1
    example = package.folder / EXAMPLES[ecosystem]
    if ecosystem == "cmsis_pack":
        run_compiler(
            [f"{CROSS}gcc", *flags, *WARNINGS, f"-I{STAND_INS / 'cmsis'}", "-c", "-o", tmp_path / "main.o", example]
        )
    else:
        run_compiler([f"{CROSS}g++", *flags, *SKETCH_WARNINGS, "-c", "-o", tmp_path / "main.o", *sketch_flags(example)])


@pytest.mark.parametrize("core", SMALL_CORES)
def test_the_zephyr_sample_builds_by_its_cmake_files(packages, tmp_path, core):
    """Zephyr's own functions are stood in for; the rest is CMake's."""
    module = packages["zephyr"].folder
    cmake = tool("cmake")
    flags = " ".join([*CORES[core].flags, *CROSS_FLAGS])
    run_compiler(
        [
            cmake,
            f"-DZephyr_DIR={STAND_INS / 'zephyr' / 'cmake'}",
            f"-DZEPHYR_EXTRA_MODULES={module}",
            "-DCMAKE_SYSTEM_NAME=Generic",
            "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
            f"-DCMAKE_C_COMPILER={CROSS}gcc",
            f"-DCMAKE_CXX_COMPILER={CROSS}g++",
            f"-DCMAKE_C_FLAGS={flags} {' '.join(WARNINGS)}",
            f"-DCMAKE_ASM_FLAGS={flags}",
            *("-S", module / "samples" / "microphone", "-B", tmp_path, "-G", "Unix Makefiles"),
        ]
    )
    run_compiler([cmake, "--build", tmp_path])
    members = run_compiler([f"{CROSS}ar", "t", tmp_path / "modules" / "libjerboa.a"]).split()
    assert len(members) == len(LIBRARY_SOURCES) + 1
    assert (tmp_path / "libapp.a").exists()


def lines_of_the_library(model, pcm):
    """What an example is to print of PCM int16 [samples]."""
    spotter = SpotterC(model)
    trace, lines = spotter.hear(pcm), []
    for hop in np.flatnonzero(trace.detected != NOTHING):
        label, time_ms = trace.detected[hop], (hop + 1) * spotter.frontend.hop_ms
        hundredths = (int(trace.smoothed[hop, label]) * 100 + (1 << 14)) >> 15
        lines.append(f"Heard {spotter.labels[label]} ({hundredths / 100:.2f}) @ {time_ms} ms")
    return lines


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_an_example_hears_what_the_library_hears(packages, model, sound, tmp_path, ecosystem):
    pcm = sound(60)
    wanted, lines = lines_of_the_library(model, pcm), run_example(ecosystem, packages[ecosystem], pcm, tmp_path)
    assert len(wanted) >= 10
    assert lines == wanted + ENDS.get(ecosystem, [])


def test_a_sketch_held_up_for_less_than_its_ring_misses_nothing_and_for_longer_says_so(
    packages, model, sound, tmp_path
):
    """An interrupt is four fifths of a hop, the ring eight hops."""
    pcm = sound(20)
    assert run_example("arduino", packages["arduino"], pcm, tmp_path, "7") == lines_of_the_library(model, pcm)
    for interrupts in (12, 330):
        lines = run_example("arduino", packages["arduino"], pcm, tmp_path, str(interrupts))
        (missed,) = [int(line.split()[1]) for line in lines if line.startswith("missed")]
        assert 0.8 * interrupts - 2 < missed <= 0.8 * interrupts and lines[-1].startswith("Heard")


def test_packages_of_the_same_model_are_the_same_bytes(tmp_path):
    made = []
    for run in ("1", "2"):
        environment = {**os.environ, "BUILD": str(tmp_path / run), "PYTHONHASHSEED": run}
        command = [sys.executable, "-m", "firmware.package", "commands-6k"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        made.append({path.name: path.read_bytes() for path in (tmp_path / run).rglob("*") if path.is_file()})
    assert len(made[0]) == 4 and made[0] == made[1]


def test_a_packages_entries_are_sorted_and_without_a_date(packages):
    for package in packages.values():
        entries = zipfile.ZipFile(package.archive).infolist()
        assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_a_shipped_models_card_goes_with_it_and_with_no_other(exported):
    shipped = MODELS / "commands-6k"
    assert read_contents("commands-6k", shipped).card == (shipped / "README.md").read_text()
    *_, other = exported(units=13)
    card = read_contents("commands-6k", other).card
    assert "No card was shipped" in card and "word0" in card


def test_a_recipe_that_was_never_exported_is_told_so():
    done = subprocess.run([sys.executable, "-m", "firmware.package", "hello"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("package: no exported model of recipe hello") and "make export" in done.stderr
