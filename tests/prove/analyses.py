"""The analyses: a C program here that calls the library with any values, and the sources that it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from firmware.compile.library import HOST_SOURCES
from firmware.frontend import Frontend
from tests.fuzz.targets import MACHINES, ODD
from tests.prove.models import ANOMALY_MODELS, SHIPPED, write_features, write_model

EVERY_SOURCE = tuple(source for source in HOST_SOURCES if "helium" not in source)
FRONTEND_SOURCES = ("frontend.c", "gate.c", "window.c", "fft.c", "power.c", "mel.c", "log.c", "sensor.c", "tables.c")
CELLS = ("rnn.c", "gru.c", "lstm.c", "ssm.c", "dense.c", "depthwise.c", "frame_stack.c", "tables.c")
NARROWING = ("-warn-signed-downcast",)
"""Where the code claims that no conversion to fewer bits loses any: not where bytes of weights are read as signed ones."""

GATE = (*NARROWING, "-warn-unsigned-overflow", "-eva-subdivide-non-linear", "100")


@dataclass(frozen=True)
class Analysis:
    """programs: C files of this folder.  write(folder): makes what they include, and returns macros for them.

    proves: functions whose contracts it proves for every argument that they allow, for the other analyses to rely on.
    deductive: by WP, function by function, instead of EVA.
    """

    programs: tuple = ()
    sources: tuple = ()
    write: Callable = lambda folder: {}
    flags: tuple = ()
    proves: tuple = ()
    deductive: bool = False


FRONTENDS = {
    "20 ms": Frontend(20, 40, 4000),
    "20 ms wide": Frontend(20, 10, 8000),
    "10 ms": Frontend(10, 80, 4000),
    "10 ms wide": Frontend(10, 20, 7000),
    "20 ms gated": Frontend(20, 12, 4000, gate=True),
    "20 ms wide gated": Frontend(20, 40, 8000, gate=True),
    "10 ms gated": Frontend(10, 10, 2000, gate=True),
    "10 ms wide gated": Frontend(10, 40, 8000, gate=True),
}

ANALYSES = {
    "contracts": Analysis(
        sources=("rnn.c",),
        proves=("kws_requantize", "kws_saturate16", "kws_shift_right", "kws_shift_right_rounded"),
        deductive=True,
    ),
    "primitives": Analysis(
        ("primitives.c",),
        ("log.c", "tables.c"),
        proves=("kws_sigmoid", "kws_shift_right_rounded", "kws_multiply_q15"),
    ),
    "gate": Analysis(("gate.c",), ("gate.c",), flags=GATE),
    "rows": Analysis(("rows.c",), ("rows.c", "row_blocks.c")),
    "cells": Analysis(("cells.c",), CELLS),
    **{
        f"front end, {name}": Analysis(("frontend.c",), FRONTEND_SOURCES, partial(write_features, frontend), NARROWING)
        for name, frontend in FRONTENDS.items()
    },
    "sensor": Analysis(
        ("frontend.c",), ("frontend.c", "sensor.c"), partial(write_features, MACHINES["sensor"]["sensor"])
    ),
    "init": Analysis(("init.c",), EVERY_SOURCE, partial(write_model, "gru")),
    **{
        f"stream of {name}": Analysis(
            ("stream.c", "sums.c"),
            tuple(source for source in EVERY_SOURCE if source != "accumulate.c"),
            partial(write_model, name),
        )
        for name in (*SHIPPED, *ODD, *ANOMALY_MODELS)
    },
}

QUICK = ("contracts", "primitives", "gate", "sensor", "stream of gru")
"""Those that `make test` runs."""
