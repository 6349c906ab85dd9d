"""Proves that the C of the library has no undefined behaviour, with Frama-C:  python -m tests.prove [--quick] [ANALYSIS...]

    --quick      only those analyses that `make test` runs

Prints for each analysis the functions and statements that it went through, what it left unproven, and its time.  What one
analysis leaves unproven may be proven by another, for every argument that the function's contract allows; what none proves must
be in accepted.toml, with its reason.  Anything else is printed with its line, and the status is 1.
"""

import argparse
import tempfile
import tomllib
from pathlib import Path

from firmware.command import Failure, run_command
from tests.prove.analyses import ANALYSES, QUICK
from tests.prove.frama_c import HERE, require_tools, run


def judge(found):
    """{analysis: Findings} -> {analysis: properties that no analysis proves}."""
    granted = {fact for name, one in found.items() for fact in one.proven if fact.function in ANALYSES[name].proves}
    return {name: sorted(one.unproven - granted, key=str) for name, one in found.items()}


def accepted():
    """{(file, function, text of a property): why no analysis proves it}."""
    entries = tomllib.loads((HERE / "accepted.toml").read_text()).get("line", [])
    return {(entry["file"], entry["function"], entry["property"]): entry["reason"] for entry in entries}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("analyses", nargs="*", metavar="ANALYSIS", help="; ".join(ANALYSES))
    given = parser.parse_args()
    if unknown := set(given.analyses) - set(ANALYSES):
        raise ValueError(f"no analysis {min(unknown)}; there are {', '.join(ANALYSES)}")
    require_tools()
    found = {}
    for name in given.analyses or (QUICK if given.quick else ANALYSES):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = one = run(ANALYSES[name], Path(folder))
        print(f"{name}: {one.functions} functions, {one.statements} statements, {one.seconds:.0f} s", flush=True)
    known, new = accepted(), set()
    for facts in judge(found).values():
        new |= {fact for fact in facts if (fact.file, fact.function, fact.text) not in known}
    left = {fact for facts in judge(found).values() for fact in facts} - new
    for fact in sorted(left, key=str):
        print(f"accepted: {fact}")
    for fact in sorted(new, key=str):
        print(f"NOT PROVEN: {fact}")
    print(f"{len(found)} analyses, {len(left)} accepted, {len(new)} new")
    met = {(fact.file, fact.function, fact.text) for fact in left}
    for file, function, text in sorted(known.keys() - met) if len(found) == len(ANALYSES) else ():
        raise Failure(
            f"accepted.toml: {file}, {function}: {text}: no analysis leaves this unproven any more; remove it"
        )
    if new:
        raise SystemExit(1)


if __name__ == "__main__":
    run_command("prove", main)
