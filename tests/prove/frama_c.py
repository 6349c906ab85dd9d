"""Runs an analysis with Frama-C, and reads what it could prove."""

import csv
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

from firmware.command import Failure
from firmware.paths import LIBRARY, ROOT

HERE = ROOT / "tests" / "prove"
MACHINE = "gcc_x86_32"
"""Sizes of types as on a Cortex-M, little-endian."""
EVA = (
    *("-eva", "-eva-no-show-progress", "-eva-msg-key=-initial-state,-final-states"),
    *("-eva-slevel", "1000000", "-eva-slevel-merge-after-loop", "@all"),  # paths that are followed one by one
    *("-eva-plevel", "2000", "-eva-ilevel", "256"),  # elements of an array, and values of a variable, one by one
    *("-eva-min-loop-unroll", "1000", "-eva-auto-loop-unroll", "2000"),
    *("-eva-subdivide-non-linear", "2", "-eva-split-return", "auto"),
)
PROVERS = ("z3", "cvc4")
WP = ("-wp", "-wp-rte", "-wp-model", "Typed+cast", "-wp-prover", ",".join(PROVERS), "-wp-timeout", "20")
PROVEN = ("Valid", "Considered valid")  # the latter: what an analysis is told to take for granted
UNREACHED = "Dead"
END = r"\true"
"""What each program asserts last: an analysis that met a certain fault on every path would not come there."""
NUMBERED = re.compile(r"(?<=\w)_\d+\b")
TOOLS, PACKAGES = ("frama-c", "why3", *PROVERS), ("frama-c-base", "why3", *PROVERS)


@dataclass(frozen=True)
class Property:
    """A fact that an analysis met: of the library's contracts, or that a line has no undefined behaviour."""

    file: str
    line: int
    function: str
    kind: str
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.function}: {self.kind}: {self.text}"


@dataclass(frozen=True)
class Findings:
    """Properties by what became of them, and the functions and statements that the analysis went through."""

    proven: frozenset
    unproven: frozenset
    functions: int
    statements: int
    seconds: float


def run(analysis, folder):
    """The Findings of an Analysis; its files are made in a folder."""
    (folder / "input").mkdir(parents=True)
    for name, path in (("library", LIBRARY), ("programs", HERE)):
        (folder / name).symlink_to(path)  # Frama-C gives its compiler no path with a space
    macros = analysis.write(folder / "input")
    words = " ".join(
        ("-iquotelibrary -iquoteinput -iquoteprograms", *(f"-D{name}={value}" for name, value in macros.items()))
    )
    files = [f"programs/{program}" for program in analysis.programs] + [
        f"library/{source}" for source in analysis.sources
    ]
    files += [f"input/{path.name}" for path in sorted((folder / "input").glob("*.c"))]
    how = (*WP, "-wp-fct", ",".join(analysis.proves)) if analysis.deductive else EVA
    table, begun = folder / "properties.csv", time.monotonic()
    said = _said(
        ["frama-c", "-machdep", MACHINE, f"-cpp-extra-args={words}", *files, "-no-warn-right-shift-negative"]
        + [*how, *analysis.flags, "-then", "-report-csv", table],
        folder,
    )
    found = [_property(row) for row in csv.DictReader(table.open(), delimiter="\t", quoting=csv.QUOTE_NONE)]
    if analysis.deductive:
        found = [(fact, status) for fact, status in found if fact.function in analysis.proves]
    elif not any(fact.text == END and status in PROVEN for fact, status in found):
        raise Failure(f"{analysis.programs[0]}: no path comes to its end; {_first_error(said)}")
    return Findings(
        frozenset(fact for fact, status in found if status in PROVEN),
        frozenset(fact for fact, status in found if status not in (*PROVEN, UNREACHED)),
        *((len(analysis.proves), 0) if analysis.deductive else _reached(said)),
        seconds=time.monotonic() - begun,
    )


def require_tools():
    """Failure if a program is missing."""
    for tool in TOOLS:
        if not shutil.which(tool):
            raise Failure(f"{tool} is missing; install it (Debian: apt-get install {' '.join(PACKAGES)})")


def _said(command, folder):
    """The output of a frama-c; the provers that it finds are those on PATH, whatever the settings of why3 are."""
    environment = {name: value for name, value in os.environ.items() if name != "CPP"}
    environment |= {"WHY3CONFIG": str(folder / "why3.conf"), "PWD": str(folder)}  # Frama-C finds its files from PWD
    subprocess.run(["why3", "config", "detect"], capture_output=True, env=environment)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=folder, env=environment)
    if done.returncode:
        raise Failure(f"frama-c: {_first_error(done.stdout)}")
    return done.stdout


def _first_error(said):
    """The line that says why an analysis stopped."""
    why = [line for line in said.splitlines() if "rror:" in line or "invalid" in line]
    return why[0].strip() if why else said[-200:].strip()


def _reached(said):
    """(functions, statements) that EVA's summary counts."""
    functions = re.search(r"(\d+) functions? analyzed", said)
    statements = re.search(r"(\d+) statements reached", said)
    return int(functions[1]), int(statements[1])


def _property(row):
    """(Property, status) of a row; the functions of a header, which Frama-C numbers file by file, by their own names."""
    named = {name: NUMBERED.sub("", row[name]) for name in ("function", "property kind")}
    fact = Property(row["file"], int(row["line"]), named["function"], named["property kind"], row["property"])
    return fact, row["status"]
