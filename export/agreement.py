"""The distance of each exported graph from the integer reference and from the float model: agreement.json.

The runtimes are independent of this project's code, so they expose errors that its own tests cannot: gates in the
wrong order, a wrong scale, a transposed matrix.  Each graph gets the real values of the same int8 features, as clips
from a zero state and as one stream with the state carried.
"""

from pathlib import Path

import numpy as np

from export.onnx_run import run_onnx
from export.tflite_file import TfliteUnavailable
from export.tflite_run import run_tflite
from export.tflm import run_tflm
from firmware.command import Failure
from train.integer_model import LOGIT_UNIT

RUNTIMES = {
    run_onnx: {name: name for name in ("model.onnx", "model.int16.onnx", "model.int8.onnx")},
    run_tflite: {name: name for name in ("model.16x8.tflite", "model.int8.tflite", "model.lstm.int8.tflite")},
    run_tflm: {f"{name} in TFLite Micro": name for name in ("model.16x8.tflite", "model.lstm.int8.tflite")},
}
"""{function that runs files: {name in agreement.json: file}}."""

CONTRACT_ARTEFACTS = ("model.int16.onnx", "model.16x8.tflite", "model.16x8.tflite in TFLite Micro")
CONTRACT_STEPS, CONTRACT_MEAN, CONTRACT_P99, CONTRACT_AGREE = 1000, 0.01, 0.1, 0.995
"""Limits against the integer reference over the stream: fewest steps, largest errors in logits, least agreement."""


class ContractBroken(Failure):
    """An exported graph does not follow the integer reference."""


def compare(reference_logits, other_logits):
    """Figures of two arrays of logits [..., labels]: |difference| (mean, 99th percentile, max) and the share of equal argmax."""
    error = np.abs(np.asarray(reference_logits, np.float64) - other_logits)
    agree = np.argmax(reference_logits, axis=-1) == np.argmax(other_logits, axis=-1)
    return {
        "steps": agree.size,
        "mean": round(float(error.mean()), 6),
        "p99": round(float(np.percentile(error, 99)), 6),
        "max": round(float(error.max()), 6),
        "agree": round(float(agree.mean()), 6),
    }


def agreement(folder, model, integers, clips, stream):
    """The content of agreement.json for the files in folder: {artefact: {against: {mode: figures of compare}}}.

    clips int8 [clips, hops, bands], each from a zero state; stream int8 [hops, bands].  Artefacts whose file does not
    exist or whose runtime is not installed are skipped.
    """
    inputs = {"clip": clips, "stream": stream[None]}
    wanted = {
        mode: {"reference": integers.run(codes)[0] * LOGIT_UNIT, "float": model.run(codes)[0]}
        for mode, codes in inputs.items()
    }
    streams = [*model.features.real(clips), model.features.real(stream)]
    value = {}
    for run, artefacts in RUNTIMES.items():
        paths = {artefact: Path(folder) / file for artefact, file in artefacts.items()}
        paths = {artefact: path for artefact, path in paths.items() if path.exists()}
        try:
            found_by_file = run([*paths.values()], streams) if paths else []
        except TfliteUnavailable:
            continue
        for artefact, logits in zip(paths, found_by_file, strict=True):
            found = {"clip": np.stack(logits[:-1]), "stream": logits[-1][None]}
            value[artefact] = {
                against: {mode: compare(wanted[mode][against], found[mode]) for mode in inputs}
                for against in ("reference", "float")
            }
    return value


def check_contract(value):
    """ContractBroken with every figure of agreement() that is over its limit in CONTRACT_ARTEFACTS.

    model.int16.onnx is required; TFLite artefacts are checked if they were compared.
    """
    broken = [] if "model.int16.onnx" in value else ["model.int16.onnx: not compared"]
    for artefact in CONTRACT_ARTEFACTS:
        if artefact not in value:
            continue
        figures = value[artefact]["reference"]["stream"]
        limits = (
            ("steps", figures["steps"] >= CONTRACT_STEPS, f"at least {CONTRACT_STEPS}"),
            ("mean", figures["mean"] <= CONTRACT_MEAN, f"at most {CONTRACT_MEAN}"),
            ("p99", figures["p99"] <= CONTRACT_P99, f"at most {CONTRACT_P99}"),
            ("agree", figures["agree"] >= CONTRACT_AGREE, f"at least {CONTRACT_AGREE}"),
        )
        broken += [
            f"{artefact}: {name} is {figures[name]}, must be {limit}" for name, kept, limit in limits if not kept
        ]
    if broken:
        raise ContractBroken("too far from the integer reference over the stream:\n" + "\n".join(broken))
