"""The four packages of a random model, unpacked, and their examples run on this machine against stand-ins."""

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware.compile.compiler import host_compiler, run_compiler
from firmware.compile.library import WARNINGS
from firmware.package.__main__ import PACKAGES
from firmware.package.contents import read_contents
from firmware.paths import ROOT

STAND_INS = ROOT / "tests" / "stand_ins"
SKETCH_WARNINGS = ("-std=gnu++14", "-Wall", "-Wextra", "-Wconversion", "-Werror")


@dataclass(frozen=True)
class Unpacked:
    """A package's archive, and the folder that users see where they installed it."""

    archive: Path
    folder: Path

    def sources(self):
        return sorted([*self.folder.glob("src/**/*.c"), *self.folder.glob("src/**/*.S")])


def unpack(model, folder):
    """{ecosystem: Unpacked} of the model in a folder."""
    contents, unpacked = read_contents("random", model), {}
    for package in PACKAGES:
        ecosystem = package.__name__.removesuffix("_package")
        name, data = package(contents)
        archive, place = folder / name, folder / ecosystem
        archive.write_bytes(data)
        zipfile.ZipFile(archive).extractall(place)
        only = [*place.iterdir()]
        unpacked[ecosystem] = Unpacked(archive, only[0] if len(only) == 1 else place)
    return unpacked


def tool(name):
    """The path of a tool that setup does not install; a skip that names it, a failure where ALL_DATA says all must be."""
    path = shutil.which(name, path=os.pathsep.join((f"{sys.prefix}/bin", os.environ["PATH"])))
    if path is None:
        message = f"{name} is not installed"
        pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
    return path


def sketch_flags(sketch):
    include = (f"-I{folder}" for folder in (sketch.parent, STAND_INS / "arduino"))
    return [f"-DSKETCH=<{sketch.name}>", *include, STAND_INS / "arduino" / "main.cpp"]


EXAMPLES = {
    "arduino": "examples/Microphone/Microphone.ino",
    "platformio": "examples/Microphone/src/main.cpp",
    "cmsis_pack": "examples/main.c",
    "zephyr": "samples/microphone/src/main.c",
}
DRIVERS = {"cmsis_pack": "cmsis", "zephyr": "zephyr"}


def run_example(ecosystem, package, pcm, folder, *arguments):
    """The lines that a package's example prints on this machine, of PCM int16 [samples]; arguments are its stand-in's."""
    example, program, include = package.folder / EXAMPLES[ecosystem], folder / ecosystem, f"-I{package.folder / 'src'}"
    objects = []
    for source in package.sources():
        if source.suffix == ".c":
            objects.append(folder / f"{ecosystem}-{source.stem}.o")
            run_compiler([*host_compiler(), *WARNINGS, include, "-c", "-o", objects[-1], source])
    if ecosystem in DRIVERS:
        stand_in = STAND_INS / DRIVERS[ecosystem]
        run_compiler(
            [
                *host_compiler(),
                *WARNINGS,
                include,
                f"-I{stand_in}",
                "-o",
                program,
                example,
                stand_in / "driver.c",
                *objects,
            ]
        )
    else:
        run_compiler([tool("g++"), *SKETCH_WARNINGS, include, *sketch_flags(example), *objects, "-o", program])
    done = subprocess.run([program, *arguments], input=pcm.tobytes(), capture_output=True)
    assert done.returncode == (ecosystem == "cmsis_pack"), done.stderr  # its driver stops in the end, which is an error
    return done.stdout.decode().splitlines()
