"""The library compiles without a warning: for every core, by GCC and clang, at every level of optimisation, in every dialect.

A run takes each core with -O0, -Os, -O2 and one more level, and draws the other choices beside them; ALL_COMPILERS=1
takes all with all, which lasts an hour.
"""

import itertools
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CORES, CROSS
from firmware.compile.library import LIBRARY_SOURCES, WARNINGS, build_library
from firmware.paths import LIBRARY, MODELS, ROOT
from tests.compilers import M23, clang_for_cores, need, newlib_headers

MODEL = MODELS / "commands-6k"
TARGETS = {core.name: core.flags for core in (*CORES.values(), M23)}
OTHERS = {
    "aarch64": ("--target=aarch64-none-elf",),
    "armv7-a": ("--target=armv7a-none-eabi",),
    "i386": ("--target=i386-none-elf",),
    "riscv32": ("--target=riscv32-none-elf",),
}
"""Where the plain C runs, on a host or on a core of another family; clang compiles for them without a C library."""

USUAL = ("-O0", "-Os", "-O2")
LEVELS = {"gcc": ("-O1", "-Og", "-O3"), "clang": ("-O1", "-Oz", "-O3", "-Og")}
CHOICES = (
    ("-fomit-frame-pointer", "-fno-omit-frame-pointer"),
    ("-fno-lto", "-flto"),
    [f"-std={dialect}{year}" for year in ("99", "11", "17", "2x") for dialect in ("c", "gnu")],
    ("-fsigned-char", "-funsigned-char"),
    ("-fshort-enums", "-fno-short-enums", "-mno-unaligned-access"),
)
EVERY_CALL = ROOT / "tests" / "host" / "every_call.c"
SEED = 292
"""Such that any two choices meet."""
PEDANTIC = (*(word for word in WARNINGS if not word.startswith("-std=")), "-Wpedantic")


def combinations(levels, seed):
    """(level, *choices): for the usual levels and one of the others, the choices drawn; or all."""
    if os.environ.get("ALL_COMPILERS"):
        return list(itertools.product((*USUAL, *levels), *CHOICES))
    draw = random.Random(f"{seed} {SEED}").choice
    return [(level, *(draw(choice) for choice in CHOICES)) for level in (*USUAL, draw(levels))]


def test_any_two_choices_meet_on_some_core():
    drawn = [flags for target in TARGETS for name in LEVELS for flags in combinations(LEVELS[name], f"{name} {target}")]
    met = {pair for flags in drawn for pair in itertools.combinations(flags, 2)}
    for few, others in itertools.combinations((USUAL, *CHOICES), 2):
        assert met >= set(itertools.product(few, others))


def compile_all(compiler, flags, folder, suffix=".c"):
    """Compile the library and a model into a folder; where the code is made by the linker, link."""
    folder.mkdir()
    files = [*(LIBRARY / name for name in LIBRARY_SOURCES if name.endswith(suffix)), MODEL / "kws_model.c"]
    objects = [folder / f"{source.stem}.o" for source in files]
    for source, made in zip(files, objects, strict=True):
        run_compiler([*compiler, *flags, *PEDANTIC, f"-I{LIBRARY}", f"-I{MODEL}", "-c", "-o", made, source])
    if "-flto" in flags:
        linker = ("-fuse-ld=lld",) if compiler[0] == "clang" else ("-flinker-output=nolto-rel",)
        run_compiler([*compiler, *flags, *linker, "-r", "-nostdlib", "-o", folder / "whole.o", *objects])


def compile_each(compiler, levels, seed, folder, left_out=()):
    """The library by each of the combinations, as many at a time as there are processors; its assembly once."""
    jobs = [[word for word in flags if word not in left_out] for flags in combinations(levels, seed)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: compile_all(compiler, job[1], folder / str(job[0])), enumerate(jobs)))
    compile_all(compiler, (), folder / "assembly", ".S")


@pytest.mark.parametrize("target", TARGETS)
def test_gcc_compiles_it_for_every_core(tmp_path, target):
    compiler = [f"{CROSS}gcc", *TARGETS[target], "-mthumb", "-ffreestanding"]
    compile_each(compiler, LEVELS["gcc"], f"gcc {target}", tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_clang_compiles_it_for_every_core(tmp_path, target):
    need("ld.lld")
    compiler = [*clang_for_cores(), *TARGETS[target], "-mthumb", "-ffreestanding"]
    compile_each(compiler, LEVELS["clang"], f"clang {target}", tmp_path)


@pytest.mark.parametrize("target", OTHERS)
def test_clang_compiles_it_for_other_machines(tmp_path, target):
    compiler = [need("clang"), *OTHERS[target], "-isystem", newlib_headers(), "-ffreestanding"]
    compile_each(compiler, LEVELS["clang"], target, tmp_path, ("-flto", "-mno-unaligned-access"))


@pytest.mark.parametrize("compiler", LEVELS)
def test_the_host_compiles_it(tmp_path, compiler):
    need("ld.lld") if compiler == "clang" else None
    compile_each([need(compiler)], LEVELS[compiler], compiler, tmp_path, ("-mno-unaligned-access",))


def is_marked(path):
    """Whether an object says that it executes no stack."""
    with open(path, "rb") as file:
        return bool(ELFFile(file).get_section_by_name(".note.GNU-stack"))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_assembly_is_marked_as_the_compiler_marks_c(compiler):
    """Where some objects are marked, the linker warns of those that are not."""
    library = build_library(CORES["m4"], compiler=[f"{CROSS}gcc"] if compiler == "gcc" else clang_for_cores())
    assert len({is_marked(library.parent / f"{Path(name).stem}.o") for name in LIBRARY_SOURCES}) == 1


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("language", ["c99", "c++11", "c++17"])
def test_a_program_calls_all_of_it(tmp_path, compiler, language):
    """Linked with the library as C and assembly, without a warning, and run."""
    files = [*(LIBRARY / name for name in LIBRARY_SOURCES), MODEL / "kws_model.c"]
    include, program = (f"-I{LIBRARY}", f"-I{MODEL}"), tmp_path / "program"
    warnings = ("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror")
    driver = need({"gcc": "g++", "clang": "clang++"}[compiler] if "++" in language else compiler)
    kind = ("-x", "c++" if "++" in language else "c")
    run_compiler([driver, f"-std={language}", *warnings, *include, *kind, "-c", "-o", tmp_path / "call.o", EVERY_CALL])
    run_compiler([need(compiler), *include, "-Wl,--fatal-warnings", "-o", program, tmp_path / "call.o", *files])
    run_compiler([program])
