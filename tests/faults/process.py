"""A command in a child process under preload.c, which lets a fault happen at one of its steps."""

import mmap
import os
import runpy
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

import cffi

from firmware.compile.compiler import host_compiler, run_compiler
from firmware.paths import ROOT
from train.synthesizers.espeak_process import end_with_parent

HERE = ROOT / "tests" / "faults"
KILL, FULL, LOCKED, PAUSE = range(4)
"""enum fault of state.h."""

_ffi = cffi.FFI()
_ffi.cdef((HERE / "state.h").read_text())


@dataclass(frozen=True)
class Step:
    """A change of files: open, write, fsync, sync, rename, exchange, mkdir, remove or mode; other: the target of a rename."""

    kind: str
    path: Path
    other: Path | None


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int  # or minus the signal that ended it
    said: str  # on standard error
    steps: tuple


def begin_again():
    """Replace this process by itself under preload.c, unless it is."""
    if "FAULTS" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    preload, state = folder / "preload.so", folder / "state"
    flags = ("-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    run_compiler([*host_compiler(), *flags, "-o", preload, HERE / "preload.c", "-ldl"])
    state.write_bytes(bytes(_ffi.sizeof("struct faults")))
    (folder / "log").touch()
    settings = {"FAULTS": str(state), "FAULTS_LOG": str(folder / "log"), "LD_PRELOAD": str(preload)}
    os.execve(sys.executable, sys.orig_argv, {**os.environ, **settings})


class Runner:
    """Runs commands on one folder below which all changes count."""

    def __init__(self, below):
        self.folder = Path(os.environ["FAULTS"]).parent
        self._log = self.folder / "log"
        with open(os.environ["FAULTS"], "r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), 0)
        self._state = _ffi.cast("struct faults *", _ffi.from_buffer(self._mapped))
        self._state.below = str(below).encode()

    def start(self, module, argv, environment, fault=KILL, at=0):
        """The process of a command, at whose step `at` the fault will happen; 0: at none."""
        self._log.write_bytes(b"")
        self._state.steps, self._state.at, self._state.fault = 0, at, fault
        self._state.counting = 1
        return self.start_beside(module, argv, environment)

    def start_beside(self, module, argv, environment):
        """The process of a command, while another may be stopped."""
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setsid()
                end_with_parent()  # also one that is stopped
                os.environ.update(environment)
                for stream, name in ((1, "out"), (2, f"said-{os.getpid()}")):
                    os.dup2(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
                sys.argv = [module, *argv]
                runpy.run_module(module, run_name="__main__", alter_sys=True)
                status = 0
            except SystemExit as end:
                if isinstance(end.code, str):
                    print(end.code, file=sys.stderr)
                else:
                    status = end.code or 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        return child

    def end(self, child):
        """How a process ended."""
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self._state.counting = 0
        said = self.folder / f"said-{child}"
        text = said.read_text(errors="replace") if said.exists() else ""
        said.unlink(missing_ok=True)
        return Ended(status, text, tuple(self._steps()))

    def run(self, *command, **fault):
        return self.end(self.start(*command, **fault))

    def run_at_once(self, command, at):
        """The ends of two runs of a command: one stops before its step `at` until the other has ended."""
        first = self.start(*command, fault=PAUSE, at=at)
        _, status = os.waitpid(first, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            raise RuntimeError(f"{command[0]} did not reach step {at}")
        self._state.at = 0
        second = self.start_beside(*command)
        ended = self.end(second)
        os.killpg(first, signal.SIGCONT)
        return self.end(first), ended

    def _steps(self):
        for line in self._log.read_text(errors="surrogateescape").splitlines():
            kind, path, other = line.split("\t")
            yield Step(kind, Path(path), Path(other) if other else None)
