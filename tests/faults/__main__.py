"""Faults at every step by which a command changes files: python -m tests.faults [--every N] [COMMAND ...]

For each command a row: its steps, and how often each fault was tried.

    killed      at a step, half of a write being done
    full        no room on the disk from a step on
    locked      no change allowed from a step on, as on a read-only disk
    at once     another run of the same command, from begin to end, while the first is held up at a step
    clock       the files that it finds are of next year

After each, every output is whole, the old one or the new one; the command then gives the new one; an error is a message, not a
traceback.  A power cut is judged by the order of the steps: content, and the entries of folders, are on the disk (fsync) before
the visible name is.  Without TFLite files, whose converters take long.  The commands are children of one process that has
imported them.
"""

import argparse
import atexit
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

from firmware.command import Failure, run_command
from firmware.compile.cores import CROSS
from tests.faults.commands import COMMANDS, prepare
from tests.faults.power import not_on_disk
from tests.faults.process import FULL, KILL, LOCKED, Runner, begin_again
from tests.faults.trees import below, hidden, put, visible

YEAR_S = 365 * 24 * 3600
FAULTS = {"killed": KILL, "full": FULL, "locked": LOCKED}
NO_ROOM = "No space left on device"
READ_ONLY = "Read-only file system"


class Bench:
    """The folder in which commands run; beside it what they read, and all that they made of the old and of the new input."""

    def __init__(self, folder, names):
        self.folder, self.given, self.work = folder, folder / "given", folder / "work"
        self.given.mkdir()
        self.work.mkdir()
        self.runner = Runner(self.work)
        self.environment = {"BUILD": str(self.work / "build"), "DATA": str(self.given / "data")}
        for version, name in enumerate(("old", "new")):
            prepare(self.given, self.work, version)
            for command in names:
                ended = self.run(command)
                if ended.status:
                    raise Failure(f"{command} without a fault: {ended.said}")
            shutil.copytree(self.work, folder / name)

    def command(self, name):
        return COMMANDS[name].module, COMMANDS[name].argv(given=self.given, work=self.work), self.environment

    def run(self, name, **fault):
        return self.runner.run(*self.command(name), **fault)

    def restore(self, name, outputs):
        """The folder before a command: its inputs are new, its outputs old."""
        for left in hidden(self.work):
            put(self.folder / "nothing", left)
        old = self.folder / ("old" if name != "train" else "nothing")  # an old training would be continued
        for output in outputs:
            put(old / output, self.work / output)


def outputs_of(steps, work):
    """The visible files and folders that the steps put in place, or write in place."""
    found = [step.other or step.path for step in steps if step.kind in ("rename", "exchange", "open")]
    relative = {path.relative_to(work) for path in found}
    visible_ones = {path for path in relative if not any(part.startswith(".") for part in path.parts)}
    return sorted(path for path in visible_ones if not visible_ones & set(path.parents))


class Trial:
    """One command under faults."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        # a first run tells the outputs, a second one, from old outputs, the steps
        bench.restore(name, [Path("build/own")] if name == "train" else [])
        self.outputs = outputs_of(bench.run(name).steps, bench.work)
        bench.restore(name, self.outputs)
        self.before = visible(bench.work)
        ended = bench.run(name)
        self.steps, self.after = ended.steps, visible(bench.work)
        self.require(ended.status == 0 and self.before != self.after, "the run without a fault", ended.said)

    def require(self, right, what, said=""):
        if not right:
            raise Failure(f"{self.name}: {what}\n{said}")

    def require_whole(self, what):
        now = visible(self.bench.work)
        for output in self.outputs:
            self.require(
                below(now, output) in (below(self.before, output), below(self.after, output)),
                f"{what}: {output} is neither the old nor the new one",
            )
        others = [
            {path: digest for path, digest in tree.items() if not {path, *path.parents} & set(self.outputs)}
            for tree in (now, self.before)
        ]
        self.require(others[0] == others[1], f"{what}: changed {set(others[0].items()) ^ set(others[1].items())}")

    def require_goes_on(self, what):
        ended = self.bench.run(self.name)
        self.require(ended.status == 0, f"{what}: the next run ended with status {ended.status}", ended.said)
        self.require(visible(self.bench.work) == self.after, f"{what}: the next run gives something else")

    def fault(self, kind, at):
        what = f"{kind} at step {at} ({self.steps[at - 1].kind} {self.steps[at - 1].path})"
        self.bench.restore(self.name, self.outputs)
        ended = self.bench.run(self.name, fault=FAULTS[kind], at=at)
        self.require_whole(what)
        if kind == "killed":
            self.require(ended.status == -9, f"{what}: was not killed", ended.said)
        elif ended.status:
            reason = NO_ROOM if kind == "full" else READ_ONLY
            self.require("Traceback" not in ended.said, f"{what}: ended in a traceback", ended.said)
            told = reason in ended.said or CROSS in ended.said  # objcopy says "Bad file descriptor" of a full disk
            self.require(ended.status == 1 and told, f"{what}: does not say {reason!r}", ended.said)
        else:
            self.require(visible(self.bench.work) == self.after, f"{what}: succeeded with something else", ended.said)
        if kind == "full":
            self.require(not hidden(self.bench.work), f"{what}: left {hidden(self.bench.work)}")
        self.require_goes_on(what)

    def at_once(self, at):
        what = f"a second run at step {at} ({self.steps[at - 1].kind} {self.steps[at - 1].path})"
        self.bench.restore(self.name, self.outputs)
        for ended in self.bench.runner.run_at_once(self.bench.command(self.name), at):
            self.require("Traceback" not in ended.said, f"{what}: ended in a traceback", ended.said)
            self.require(ended.status == 0, f"{what}: ended with status {ended.status}", ended.said)
        self.require(visible(self.bench.work) == self.after, f"{what}: gives something else")
        self.require(not hidden(self.bench.work), f"{what}: left {hidden(self.bench.work)}")

    def set_back(self):
        self.bench.restore(self.name, self.outputs)
        future = time.time() + YEAR_S
        for path in self.bench.work.rglob("*"):
            os.utime(path, (future, future), follow_symlinks=False)
        self.require_goes_on("with files of next year")

    def power_cut(self):
        left = not_on_disk(self.steps, self.bench.work)
        self.require(not left, f"after a power cut {', '.join(left)} may be torn")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="try each N-th step alone")
    parser.add_argument("commands", nargs="*", choices=[*COMMANDS, []], metavar="COMMAND")
    given = parser.parse_args()
    names = given.commands or list(COMMANDS)
    needed = {*names, *(need for name in names for need in COMMANDS[name].needs)}
    needed = [name for name in COMMANDS if name in needed]
    sys.modules["tensorflow"] = None
    warnings.filterwarnings("ignore", module="runpy")
    for name in needed:
        COMMANDS[name].load()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        bench = Bench(Path(folder), needed)
        atexit.register(shutil.rmtree, bench.runner.folder, ignore_errors=True)
        for name in names:
            try:
                print(try_all(Trial(bench, name), given.every), flush=True)
            except Failure as error:
                failures += 1
                print(error, flush=True)
    if failures:
        raise Failure(f"{failures} commands do not stand their faults")


def try_all(trial, every):
    """The row of a command."""
    trial.power_cut()
    tried = range(1, len(trial.steps) + 1, every)
    for at in tried:
        for kind in FAULTS:
            trial.fault(kind, at)
        trial.at_once(at)
    trial.set_back()
    return f"{trial.name}: {len(trial.steps)} steps; killed, full, locked and at once at {len(tried)} of them"


if __name__ == "__main__":
    begin_again()
    run_command("faults", main)
