"""Lists the tests that take more than a second:  python -m pytest --durations=0 -vv tests | python -m tests.measure.slow

Reads what pytest prints of durations from standard input, and writes tests/slow.txt, which `make test QUICK=1` leaves out.  A
file is listed whole where the preparation of a test takes so long, because the next test would wait for it instead.
"""

import re
import sys

from firmware.command import Failure, run_command
from firmware.files import write_whole
from firmware.paths import ROOT

LIST = ROOT / "tests" / "slow.txt"
LONGEST_S = 1.0
DURATION = re.compile(r"^(\d+\.\d+)s (call|setup) +(tests/\S+\.py)(::\w+)")


def slow_tests(lines):
    """The files, and the tests of other files without their parameters, that took longer; of the lines that pytest prints."""
    slow = [match for line in lines if (match := DURATION.match(line)) and float(match[1]) > LONGEST_S]
    files = {match[3] for match in slow if match[2] == "setup"}
    return sorted(files | {match[3] + match[4] for match in slow if match[3] not in files})


def main():
    tests = slow_tests(sys.stdin)
    if not tests:
        raise Failure("standard input: no durations of tests; run pytest with --durations=0")
    write_whole(LIST, "".join(f"{test}\n" for test in tests))
    print(f"{LIST}: {len(tests)} files and tests")


if __name__ == "__main__":
    run_command("slow", main)
