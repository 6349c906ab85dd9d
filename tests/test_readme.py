"""The README and docs say what is so: every command exists, and every figure is the one its file holds."""

import re
import subprocess

import pytest

from firmware.compile.compiler import host_compiler, run_compiler
from firmware.compile.cores import CROSS_FLAGS
from firmware.compile.library import WARNINGS
from firmware.image.core_image import image_folder
from firmware.model_json import read_model_json
from firmware.paths import BOARDS, LIBRARY, MODELS, ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(MODELS.glob("*/README.md")),
    *sorted(BOARDS.glob("*/README.md")),
]
COMMAND = re.compile(r"make ([a-z]+)((?: [A-Z]+=[^\s`]+)*)")


def commands():
    """Every `make target VARIABLE=value` in a code span or block of a page."""
    for page in PAGES:
        code = re.findall(r"`([^`\n]+)`|^(?:    |)(make .*)$", page.read_text(), flags=re.M)
        for span in ("".join(pair) for pair in code):
            for target, variables in COMMAND.findall(span):
                yield page.name, target, variables


@pytest.mark.parametrize("page, target, variables", sorted(set(commands())))
def test_every_command_is_a_target(page, target, variables):
    done = subprocess.run(["make", "-n", target, *variables.split()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_make_alone_prints_the_targets():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), flags=re.M))
    lines = [line for line in listed.splitlines() if line.startswith("  ")]
    assert targets == {line.split()[0] for line in lines}
    assert {line.split()[0] for line in lines if 'RECIPE="a b"' in line} == {
        "firmware",
        "flash",
        "emulate",
        "page",
        "cost",
        "benchmark",
    }


def test_nothing_is_left_to_fill_in():
    for page in PAGES:
        assert not re.search(
            r"\b[A-Z]+_(OUTPUT|TABLE)\b|@[A-Z]+@|^(FIGURES|UNITS)$|TODO", page.read_text(), flags=re.M
        ), page


SHIPPED = ("commands-6k", "commands-20k", "commands-80k")


def test_the_shipped_models_are_there():
    assert {path.parent.name for path in MODELS.glob("*/weights.npz")} >= set(SHIPPED)


def test_the_c_examples_compile_as_the_readme_says(tmp_path):
    """With the library and, for one model, its folder as include paths; for several, firmware/models."""
    declared = (
        "#include <stdbool.h>\n#include <stdint.h>\nvoid listen(void);\nvoid refuse(void);\nvoid begin(void);\n"
        "void hear(const int16_t *pcm);\nbool read_microphone(int16_t *pcm);\n"
        "void act_on(const char *label, uint32_t time_ms);\n"
    )
    examples = re.findall(r"```c\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    for example, folder in zip(examples, (MODELS / "commands-20k", MODELS), strict=True):
        (tmp_path / "example.c").write_text(declared + example)
        include = (f"-I{LIBRARY}", f"-I{folder}")
        run_compiler([*host_compiler(), *WARNINGS, *include, "-fsyntax-only", tmp_path / "example.c"])
    for recipe in ("commands-6k", "commands-20k"):
        source = MODELS / recipe / "kws_model.c"
        run_compiler([*host_compiler(), *WARNINGS, f"-I{LIBRARY}", f"-I{MODELS}", "-fsyntax-only", source])


def test_the_readme_says_by_which_flags_its_sizes_are():
    figures = (ROOT / "README.md").read_text().split("## What a hop costs")[1].split("\n## ")[0]
    for flag in ("-O2", "-ffunction-sections", "-fdata-sections"):
        assert flag in CROSS_FLAGS and flag in figures
    assert "--gc-sections" in figures


def test_the_output_files_name_the_images():
    outputs = (ROOT / "README.md").read_text().split("## Output files")[1].split("\n## ")[0]
    several = image_folder(["commands-6k", "commands-20k"], "").name
    assert f"`build/{several}/`" in outputs and "spotter.elf" in outputs and "application.elf" in outputs


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("recipe", SHIPPED)
def test_the_readme_states_the_shipped_models_as_they_are(recipe):
    about = read_model_json(MODELS / recipe)
    row = next(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| [`{recipe}`]"))
    for figure in (f"{about.flash_bytes:,}", f"{about.ram_bytes:,}"):
        assert figure in row, figure
