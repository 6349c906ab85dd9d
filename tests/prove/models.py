"""The models and the definitions of features that analyses are of, as C."""

import dataclasses
import re
import shutil

import numpy as np

from export.c_files import write_c
from firmware.files import write_whole
from firmware.generate.c_source import array_text
from firmware.generate.mel_bands import features_memory_codes, features_name, features_source
from firmware.model_json import MODEL_C, c_name
from firmware.paths import MODELS
from tests.conftest import detector_of, random_model
from tests.fuzz.targets import MACHINES, ODD
from train.model import Model

MISREAD = re.compile(r"(?<=^    )KWS_ALIGNED (struct kws_scaling \w+\[\d+\]);", flags=re.M)
"""Frama-C gives an alignment that stands before a struct type to each element of an array, compilers to the array."""

ANOMALY_MODELS = {name: {**sizes, "cell": "ssm"} for name, sizes in MACHINES.items()}
"""The fuzzer's models of anomalies, with state-space cells.  A recurrent matrix raises the accumulator's unit, and deviations are
Q5.10, so that intervals, which find up to three times a row's bound, leave 32 bits."""

SHIPPED = ("commands-6k", "commands-20k", "commands-80k")


def accumulator_bounds(integers):
    """The largest magnitude that the inputs of each layer let each accumulator reach, in the order of the device's sums."""
    found, formats = [], integers.model.formats()
    for name, rows in integers.rows.items():
        if not rows or not len(rows.bias):
            continue
        source, gates = formats[name], len(rows.scaling)
        from_input = (np.abs(rows.input_weights.astype(np.int64)) * np.array(source.bounds or source.largest)).sum(-1)
        from_state = np.abs(rows.recurrent_weights.astype(np.int64)).sum(-1) * 32768
        sums = [from_input[gate] << rows.input_shift for gate in range(gates)]
        if rows.split:
            sums = [sums[-1], *(sums[gate] + from_state[gate] for gate in range(gates - 1)), from_state[-1]]
            bias = np.concatenate([rows.bias[-2:-1], rows.bias[:-2], rows.bias[-1:]])
        else:
            sums, bias = [sums[gate] + from_state[gate] for gate in range(gates)], rows.bias
        found.append(np.abs(bias) + np.array(sums))
    return np.concatenate([bound.ravel() for bound in found])


def model_of(name):
    """A model that ships, or one of the fuzzer's."""
    if name in SHIPPED:
        return Model.load(MODELS / name / "weights.npz")
    return dataclasses.replace(random_model(**{**ODD, **ANOMALY_MODELS}[name]), recipe=name)


def write_model(name, folder):
    """A model as C with bounds.h in a folder; returns the macros that name its parts."""
    model = model_of(name)
    if name in SHIPPED:
        for file in MODEL_C:
            shutil.copyfile(MODELS / name / file, folder / file)
    else:
        write_c(model, model.quantize(), detector_of(model), folder)
    source = folder / "kws_model.c"
    source.write_text(MISREAD.sub(r"\1 KWS_ALIGNED;", source.read_text()))
    bounds = accumulator_bounds(model.quantize())
    write_whole(folder / "bounds.h", "#include <stdint.h>\n\n" + array_text("static const int32_t bounds", bounds))
    kws = f"kws_{c_name(folder)}"
    return {
        "MODEL": f"{kws}_model",
        "STREAM": f"{kws}_stream",
        "FRONTEND": f"{kws}_frontend",
        "FEATURES": features_name(model.frontend),
        "ANOMALY": int(name in ANOMALY_MODELS),
    }


def write_features(frontend, folder):
    """A definition of features as features.h in a folder; returns the macros that name its parts."""
    write_whole(folder / "features.h", '#include "model.h"\n\n' + features_source(frontend))
    return {
        "FEATURES": features_name(frontend),
        "MEMORY_CODES": features_memory_codes(frontend),
        "FEATURES_HOP_SAMPLES": frontend.hop_samples,
    }
