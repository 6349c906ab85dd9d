"""Lines of the library and the application that the corpora run, by gcc's gcov."""

import gzip
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from firmware.compile.compiler import run_compiler
from firmware.paths import APPLICATION, LIBRARY
from tests.fuzz.targets import TARGETS, replay

COUNTED = ("-std=gnu99", "-g", "-O0", "--coverage")


def lines_run(folder):
    """{file: {line: times}} of all targets' corpora; folder: an empty one to build in."""
    times = defaultdict(lambda: defaultdict(int))
    for name in TARGETS:
        run_compiler(replay(name, folder, ("gcc",), COUNTED))
        made = folder / name
        for notes in sorted(made.glob("*.gcda")):
            subprocess.run(["gcov", "--json-format", notes], cwd=made, check=True, capture_output=True)
        for report in made.glob("*.gcov.json.gz"):
            with gzip.open(report) as stream:
                for file in json.load(stream)["files"]:
                    path = Path(file["file"])
                    if path.parent in (LIBRARY, APPLICATION):
                        for line in file["lines"]:
                            times[path.name][line["line_number"]] += line["count"]
    return times


def coverage():
    """(share of lines run, {file: lines that are not}) of the corpora."""
    with tempfile.TemporaryDirectory() as folder:
        times = lines_run(Path(folder))
    missed = {name: sorted(line for line, count in lines.items() if not count) for name, lines in times.items()}
    total = sum(map(len, times.values()))
    return 1 - sum(map(len, missed.values())) / total, {name: lines for name, lines in sorted(missed.items()) if lines}
