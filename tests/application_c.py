"""The application's C files built for this machine, each test taking those that it looks at."""

import re

import cffi

from firmware.compile.library import HOST_SOURCES
from firmware.compile.shared_object import build_host
from firmware.image.selftest import write_headers
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


def load_with_model(names, headers, model, folder, constants=""):
    """The same of files that know the model in a folder; its generated headers are written to another."""
    write_headers(model, folder)
    library = [*(LIBRARY / name for name in HOST_SOURCES), model / "kws_model.c"]
    sizes = re.findall(r"^#define (KWS_\w+) (\d+)\b", (model / "kws_model.h").read_text(), flags=re.M)
    numbers = "\n".join(f"#define {name} {value}" for name, value in sizes)
    return load(
        [*(APPLICATION / name for name in names), *library], headers, [model, folder], f"{numbers}\n{constants}"
    )
