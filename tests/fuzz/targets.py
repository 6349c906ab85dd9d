"""The fuzz targets: programs that do with the bytes of their input all that sound, a serial port or a damaged flash can do.

Each is built with the sanitizers, for libFuzzer (`make fuzz`) or with replay.c (the tests), around models with random weights.
"""

import dataclasses
from dataclasses import dataclass

from export.c_files import write_c
from firmware.compile.compiler import run_compiler
from firmware.compile.library import HOST_SOURCES
from firmware.image.board_image import SOURCES
from firmware.image.models_c import write_models
from firmware.image.selftest import write_selftest
from firmware.paths import APPLICATION, BOARDS, LIBRARY, ROOT
from firmware.sensor import Channel, Sensor
from tests.conftest import detector_of, random_model

HERE = ROOT / "tests" / "fuzz"
CORPUS = HERE / "corpus"
SANITIZERS = "address,undefined", "memory"
"""In one program each: clang's memory sanitizer, which finds reads of what was never written, goes with no other."""
ODD = {
    "gru": dict(cell="gru", units=7, bands=11, labels=4),
    "lstm": dict(cell="lstm", units=5, bands=10, labels=3, layers=2),
    "rnn": dict(cell="rnn", units=9, bands=13, stacked_frames=2, convolution_channels=17),
    "ssm": dict(cell="ssm", units=11, bands=80, labels=13, hop_ms=10, layers=2, depthwise_frames=4),
    "wide": dict(cell="ssm", units=6, bands=40, high_hz=8000, depthwise_frames=3),
    "wide10": dict(cell="gru", units=3, bands=20, high_hz=7000, hop_ms=10),
    "gated": dict(cell="ssm", units=5, bands=12, labels=5, gate=True),
}
MACHINES = {
    "machine": dict(task="anomaly", units=5, bands=10, gate=True),
    "machine10": dict(task="anomaly", units=4, bands=10, hop_ms=10, gate=True),
    "wide_machine": dict(task="anomaly", units=4, bands=30, high_hz=8000, gate=True),
    "sensor": dict(task="anomaly", units=3, sensor=Sensor(20, 50, (Channel("x", -9, 9, 0.01), Channel("y", 0, 100)))),
}
TINY = dict(cell="ssm", units=2, bands=10, labels=4, depthwise_frames=3)


@dataclass(frozen=True)
class Target:
    """A C file here, the models that it is built around by name, and sources of the application and of boards."""

    models: dict
    application: tuple = ()
    boards: tuple = ()


SERIAL = tuple(name for name in SOURCES if name not in ("main.c", "pdm.c"))
"""The application but its main.c, which the target includes, and the filter that only some boards have."""
TARGETS = {
    "stream": Target(ODD, ("listeners.c",)),
    "machine": Target(MACHINES, ("listeners.c",)),
    "gated": Target({"voice": dict(task="voice", cell="ssm", units=3, bands=10), "gated": TINY}, ("listeners.c",)),
    "damage": Target({"damaged": TINY}),
    "application": Target({"one": TINY, "other": {**TINY, "labels": 6}}, SERIAL),
    "microphone": Target({"one": TINY}, ("microphone_check.c", "handover.c", "pdm.c"), ("dc_removal.c",)),
}


def export(name, sizes, folder):
    """A model with random weights as C in a folder of its name; returns the folder."""
    model = dataclasses.replace(random_model(**sizes), recipe=name)
    write_c(model, model.quantize(), detector_of(model), folder / name)
    return folder / name


def build(name, folder, compiler, flags, main=()):
    """The program of a target in a folder; returns its path."""
    target, made = TARGETS[name], folder / name
    made.mkdir(parents=True)
    models = [export(model, sizes, made / "models") for model, sizes in target.models.items()]
    sources = [*(LIBRARY / source for source in HOST_SOURCES), *(APPLICATION / source for source in target.application)]
    sources += [BOARDS / source for source in target.boards]
    if target.application:
        sources += write_models(models, made)
        write_selftest(models, made)
    include = [HERE, LIBRARY, APPLICATION, BOARDS, made, *models]
    program = made / "fuzz"
    run_compiler(
        [*compiler, *flags, *(f"-I{path}" for path in include), "-o", program, HERE / f"{name}.c", *main, *sources],
        made,
    )
    return program


def inputs(name):
    """The files of a target's corpus."""
    return sorted(path for path in (CORPUS / name).iterdir())


def sanitized(sanitizers):
    """The compiler's flags of these sanitizers."""
    return "-std=gnu99", "-g", "-O1", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"


def replay(name, folder, compiler, flags):
    """Builds a target without a fuzzer; returns the words of the command that gives it its corpus."""
    return [build(name, folder, compiler, flags, (HERE / "replay.c",)), *inputs(name)]
