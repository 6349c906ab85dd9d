"""The licences of the packages that are installed to use Jerboa: python -m firmware.licences

A line for each Python package of the locks in pyproject.toml and each Debian package that firmware/setup.sh installs: name,
version, licence as the package states it.  A package that is not installed is left out.
"""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement

from firmware.command import run_command
from firmware.lock import groups
from firmware.markdown import table

DEBIAN = (
    "gcc-arm-none-eabi",
    "libnewlib-arm-none-eabi",
    "qemu-system-arm",
    "gcc",
    "libc6-dev",
    "python3-venv",
    "libportaudio2",
    "flite",
)
COPYRIGHT = "/usr/share/doc/{}/copyright"
LONGEST = 60
"""Letters of a licence's name; longer is its text."""


def locked():
    """The names of the packages of all locks, sorted."""
    return sorted({Requirement(line).name for lines in groups().values() for line in lines}, key=str.casefold)


def licence_of(about):
    """The licence in a package's metadata: its SPDX expression, else its classifiers, else its text if that is a name."""
    if about.get("License-Expression"):
        return about.get("License-Expression")
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if line.startswith("License :: ")]
    named = [name for name in classifiers if name != "OSI Approved"]
    text = about.get("License", "").strip()
    return ", ".join(named) or (text if text and len(text) <= LONGEST and "\n" not in text else "in its files")


def python_rows():
    for name in locked():
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        yield name, about["Version"], licence_of(about)


def debian_rows():
    for name in DEBIAN:
        copyright = Path(COPYRIGHT.format(name))
        if not copyright.exists():
            continue
        asked = ["dpkg-query", "--show", "--showformat=${Version}", name]
        version = subprocess.run(asked, capture_output=True, text=True).stdout
        names = re.findall(r"^License: (\S.*)$", copyright.read_text(errors="replace"), flags=re.M)
        yield name, version, ", ".join(dict.fromkeys(names)) or str(copyright)


def main():
    print(table(["package", "version", "licence"], [*python_rows(), *debian_rows()]))


if __name__ == "__main__":
    run_command("licences", main)
