"""Runs compilers, and finds the C compiler for this machine.

    python -m firmware.compile.compiler

checks CC.  `make setup` runs this before it installs packages, so this file imports none.
"""

import ctypes
import functools
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from firmware.command import Failure, run_command
from firmware.paths import build_folder


class BuildError(Failure):
    """A compiler or linker failed; the message is its output."""


def run_compiler(command, folder=None, environment=None):
    """Run a compiler or linker in a folder and return its output; BuildError if it fails or is missing."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise BuildError(f"{command[0]}: {error.strerror}; `make setup` installs it or says how") from None
    if done.returncode:
        raise BuildError(f"{' '.join(str(word) for word in command)}\n{done.stderr}")
    return done.stdout


def digest_of(settings, sources, include):
    """A hash of settings, C sources and the headers in the folders of include."""
    digest = hashlib.sha256(repr(settings).encode())
    for file in sorted({*sources, *(header for folder in include for header in Path(folder).glob("*.h"))}):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def version_of(compiler):
    """What a compiler, its command as a tuple of words, says of its version."""
    return run_compiler([*compiler, "--version"])


def host_compiler():
    """The command of the C compiler for this machine, CC or cc or gcc, as words; BuildError if CC cannot be used."""
    given = os.environ.get("CC", "").strip()
    return words_of(given) if given else (shutil.which("cc") or shutil.which("gcc") or "cc",)


@functools.cache
def words_of(given):
    """CC as words: one program, or words split as by a shell (ccache gcc).  Checked once by building and loading a library."""
    host = build_folder() / "host"  # not in TMPDIR, which may be mounted noexec
    host.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=host) as folder:
        source, library = Path(folder) / "nothing.c", Path(folder) / "nothing.so"
        source.write_text("int nothing;\n")
        try:
            words = (given,) if shutil.which(given) else tuple(shlex.split(given))
            if not shutil.which(words[0]):
                raise ValueError(f"{words[0]}: not found")
            run_compiler([*words, "-shared", "-fPIC", "-o", library, source])
            ctypes.CDLL(str(library))
        except (BuildError, ValueError, OSError) as error:
            why = str(error).splitlines()[-1].removeprefix(f"{library}: ")
            raise BuildError(
                f"CC={given} is no C compiler for this machine ({why}): unset CC or give another"
            ) from None
    return words


if __name__ == "__main__":
    run_command("setup", host_compiler)
