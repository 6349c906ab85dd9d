"""The application's C files built for this machine, each test taking those that it looks at."""

import re

import cffi

from firmware.compile.library import HOST_SOURCES
from firmware.compile.shared_object import build_host
from firmware.image.models_c import write_models
from firmware.image.selftest import write_selftest
from firmware.paths import APPLICATION, LIBRARY


def declarations(header):
    """What cffi reads of a header: all but the preprocessor's lines, of which the plain numbers stay."""
    lines = (APPLICATION / header).read_text().splitlines()
    kept = (line for line in lines if not line.startswith("#") or re.match(r"#define \w+ \d+\b", line))
    return "\n".join(re.sub(r"^(#define \w+ \d+).*", r"\1", line) for line in kept)


def load(sources, headers, include=(), constants=""):
    """(ffi, library) of C files, with what headers of the application declare."""
    ffi = cffi.FFI()
    ffi.cdef(constants + "\n".join(declarations(header) for header in headers))
    return ffi, ffi.dlopen(str(build_host([*sources], [LIBRARY, APPLICATION, *include])))


def load_with_model(names, headers, model, folder, constants="", include=()):
    """The same of files that know the model in a folder; what is generated of it is written to another."""
    write_selftest([model], folder)
    made = write_models([model], folder)
    library = [*(LIBRARY / name for name in HOST_SOURCES), APPLICATION / "listeners.c", *made]
    sizes = re.findall(r"^#define (\w+) (\d+)\b", (folder / "models.h").read_text(), flags=re.M)
    numbers = "\n".join(f"#define {name} {value}" for name, value in sizes)
    return load(
        [*(APPLICATION / name for name in names), *library], headers, [folder, *include], f"{numbers}\n{constants}"
    )
