"""Fuzzes the C of the library and the application with clang's libFuzzer:  python -m tests.fuzz [--minutes M] [TARGET...]

    --merge      instead: reduces what BUILD has to the fewest inputs that reach as much, and adds them to the tree's corpus
    --coverage   instead: prints the share of lines that the tree's corpus runs, and those that it does not
    --readers    instead: damages files for Python's readers (tests/fuzz/readers.py) for the minutes

Every target runs on a core of its own, half of the minutes under the address and undefined-behaviour sanitizers, half under the
memory sanitizer, from what BUILD/fuzz/TARGET/corpus has and the corpus in the tree.  It prints the runs of each.  The first
input that breaks a target is kept beside its corpus and named with the sanitizer's verdict, and the status is 1.
"""

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck

from firmware.command import Failure, run_command
from firmware.compile.compiler import run_compiler
from firmware.paths import build_folder
from tests.fuzz.coverage import coverage
from tests.fuzz.targets import CORPUS, HERE, SANITIZERS, TARGETS, build, inputs, sanitized

FUZZER = ("-fsanitize=fuzzer",)
LONGEST = 2048
"""Bytes of an input."""


def fuzz(name, minutes):
    """(runs, the input that breaks the target with the verdict as text, or None) of one target."""
    runs = 0
    for sanitizers in SANITIZERS:
        more, broken = fuzz_under(sanitizers, name, minutes / len(SANITIZERS))
        runs += more
        if broken:
            break
    return runs, broken


def fuzz_under(sanitizers, name, minutes):
    """What `fuzz` returns, with a program under these sanitizers."""
    kept = build_folder() / "fuzz" / name
    (kept / "corpus").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        program = build(name, Path(folder), ("clang",), (*sanitized(sanitizers), *FUZZER))
        limits = (
            f"-max_total_time={max(1, round(60 * minutes))}",
            f"-max_len={LONGEST}",
            "-timeout=60",
            "-print_final_stats=1",
        )
        words = [f"-dict={file}" for file in HERE.glob(f"{name}.dict")]
        command = [program, *limits, *words, f"-artifact_prefix={kept}/", kept / "corpus", CORPUS / name]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    runs = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    broken = re.search(r"Test unit written to (.+)$", done.stderr, flags=re.M)
    if done.returncode and not broken:
        raise Failure(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    verdict = re.findall(r"^(?:SUMMARY|.*runtime error|==\d+== ?ERROR): .*", done.stderr, flags=re.M)
    return int(runs[1]) if runs else 0, broken and f"{broken[1]}: {verdict[0] if verdict else 'no verdict'}"


def merge(name):
    """Adds to a target's corpus what BUILD has beyond it."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(name, Path(folder), ("clang",), (*sanitized(SANITIZERS[0]), *FUZZER))
        fewest = ("-merge=1", "-use_counters=0")
        run_compiler([program, *fewest, CORPUS / name, build_folder() / "fuzz" / name / "corpus"])
    print(f"{CORPUS / name}: {len(inputs(name))} inputs")


def say_coverage():
    share, missed = coverage()
    for file, lines in missed.items():
        print(f"{file}: not run: {', '.join(map(str, lines))}")
    print(f"{share:.1%} of the lines of library and application are run by the corpus")


def fuzz_readers(minutes):
    """Lets the readers have damaged contents in turn, until the minutes are over; the first that breaks one is an error."""
    from tests.fuzz.readers import READERS, require_refusal  # needs torch

    tried, end = Counter(), time.monotonic() + 60 * minutes

    def try_one(reader):
        @hypothesis.settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @hypothesis.given(reader.damaged)
        def read(content):
            with tempfile.TemporaryDirectory() as folder:
                require_refusal(reader, content, folder)
            tried[reader.name] += 1

        read()

    while time.monotonic() < end:
        for reader in READERS:
            try_one(reader)
    for name, count in tried.items():
        print(f"{name}: {count:,} contents, nothing found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--readers", action="store_true")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    given = parser.parse_args()
    if not given.minutes > 0:
        raise ValueError(f"--minutes {given.minutes}: give more than 0")
    if given.targets and (given.readers or given.coverage):
        raise ValueError(f"{', '.join(given.targets)}: --readers and --coverage are of all, without targets")
    if unknown := set(given.targets) - set(TARGETS):
        raise ValueError(f"no fuzz target {min(unknown)}; there are {', '.join(TARGETS)}")
    if given.readers:
        return fuzz_readers(given.minutes)
    if not shutil.which("clang"):
        raise Failure("clang is missing; install it (Debian: apt-get install clang)")
    names = given.targets or list(TARGETS)
    if given.coverage:
        return say_coverage()
    if given.merge:
        for name in names:
            merge(name)
        return None
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = dict(zip(names, threads.map(lambda name: fuzz(name, given.minutes), names), strict=True))
    for name, (runs, broken) in found.items():
        print(f"{name}: {runs:,} runs, {f'broken by {broken}' if broken else 'nothing found'}")
    if any(broken for _, broken in found.values()):
        raise SystemExit(1)
    return None


if __name__ == "__main__":
    run_command("fuzz", main)
