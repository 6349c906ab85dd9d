"""Shared objects for this machine: the C library as Python calls it (firmware/host)."""

import hashlib
import tempfile
from pathlib import Path

from firmware.compile.compiler import digest_of, host_compiler, run_compiler, version_of
from firmware.compile.library import HOST_SOURCES, WARNINGS
from firmware.files import whole_folder, write_whole
from firmware.model_json import c_name, read_model_json
from firmware.paths import HOST, LIBRARY, build_folder

HOST_FLAGS = "-O2", "-g", "-fPIC"

SHA256_BYTES = 32


def build_host(sources, include, options=()):
    """Compile C sources, and link them and objects, into a shared object for this machine; returns its path.

    It is kept under BUILD/host by a hash of every input, so an unchanged library is built once.
    """
    flags = (*WARNINGS, *HOST_FLAGS, "-shared", *options, *(f"-I{folder}" for folder in include))
    digest = digest_of((host_compiler(), version_of(host_compiler()), flags), sources, include)
    target = build_folder() / "host" / f"libkws-{digest}.so"
    if not is_sealed(target):
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / "libkws.so"
            run_compiler([*host_compiler(), *flags, "-o", made, *sources])
            write_whole(target, sealed(made.read_bytes()))
    return target


def sealed(content):
    """The bytes of a shared object and their SHA-256 behind them, where no loader looks."""
    return content + hashlib.sha256(content).digest()


def is_sealed(path):
    """Whether a file is there and whole: loading a shared object that was cut short ends the process."""
    if not path.exists():
        return False
    content = path.read_bytes()
    return sealed(content[:-SHA256_BYTES]) == content


def host_objects():
    """The objects of the whole library for this machine, kept under BUILD/host: each model is linked with them."""
    flags = (*WARNINGS, *HOST_FLAGS, f"-I{LIBRARY}")
    sources = [LIBRARY / name for name in HOST_SOURCES]
    digest = digest_of((host_compiler(), version_of(host_compiler()), flags), sources, [LIBRARY])
    folder = build_folder() / "host" / f"objects-{digest}"
    if not folder.exists():
        with whole_folder(folder) as made:
            run_compiler([*host_compiler(), *flags, "-c", *sources], made)
    return sorted(folder.glob("*.o"))


def build_host_frontend(definition):
    """The front end alone, with the C file of its features."""
    return build_host([*host_objects(), definition, HOST / "features.c"], [LIBRARY])


def spotter_parts(model):
    """(sources, folders of headers, options) of the whole library with the model in a folder."""
    sources, name = [LIBRARY / name for name in HOST_SOURCES], c_name(model)
    hop = "kws_anomaly_hop" if read_model_json(model).task == "anomaly" else "kws_hop"
    options = (f"-DHOST_NAME={name}", f"-DHOST_ID=KWS_{name.upper()}_ID", f"-DHOST_HOP={hop}")
    return [*sources, model / "kws_model.c", HOST / "spotter.c"], [LIBRARY, model], options


def build_host_spotter(model):
    """The whole library with the model in a folder that holds kws_model.h and kws_model.c."""
    sources, include, options = spotter_parts(model)
    own = [source for source in sources if source.parent != LIBRARY]
    return build_host([*host_objects(), *own], include, options)
