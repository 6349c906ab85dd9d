"""The SHA-256 of every file of every locked package: python -m firmware.lock

Writes firmware/locks/GROUP.txt, requirements of pip with hashes, for each group of packages in pyproject.toml.  uv asks the
registry, by default PyPI.  torch is left out: PyPI has its build for GPUs, the one for CPUs is on an index of its own.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from firmware.command import Failure, run_command
from firmware.files import write_whole
from firmware.paths import ROOT
from firmware.process import ending

LOCKS = ROOT / "firmware" / "locks"
WITHOUT_HASHES = {"torch"}


def groups():
    """{group: its requirements} of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]


def hashed(lines):
    """Requirements with the hashes of all their files, as text."""
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    if not uv:
        raise Failure("uv is missing; `make lock` installs it")
    wanted = "".join(f"{line}\n" for line in lines if Requirement(line).name not in WITHOUT_HASHES)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "wanted.txt").write_text(wanted)
        asked = [
            "pip",
            "compile",
            "--generate-hashes",
            "--no-deps",
            "--universal",
            "--no-header",
            "--no-annotate",
            "--quiet",
        ]
        done = subprocess.run(
            [uv, *asked, "--python", sys.executable, "wanted.txt", "-o", "found.txt"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise Failure(said[-1] if said else f"uv {ending(done.returncode)}")
        return (Path(folder) / "found.txt").read_text()


def main():
    for group, lines in groups().items():
        text = hashed(lines)
        write_whole(LOCKS / f"{group}.txt", text)
        print(f"{LOCKS / group}.txt: {text.count('==')} packages, {text.count('--hash=sha256:')} files")


if __name__ == "__main__":
    run_command("lock", main)
