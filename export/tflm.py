"""The 16x8 model on TensorFlow Lite for Microcontrollers: run in its interpreter, and written as a C header.

The package tflite-micro is that interpreter, built for the host with the reference kernels.  It computes what a board
computes, but its arena is larger than a board's, since its pointers have 64 bits.

    python -m export.tflm FILE TOO_SMALL ENOUGH       (the child process of `arena_bytes_of`; sizes in units of 16 bytes)
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from export.tensorflow_process import LIMIT_SECONDS
from export.tflite_file import StepGraph, operators_of, require, tensor_names
from firmware.command import Failure
from firmware.files import write_whole
from firmware.generate.c_source import list_text
from firmware.paths import ROOT


def open_micro(content, arena_bytes=None):
    """The interpreter of a file's bytes."""
    require("tflite_micro")
    from tflite_micro import runtime

    return runtime.Interpreter.from_bytes(content, arena_size=arena_bytes)


def open_interpreter(content):
    """(interpreter of a file's bytes, its `step` for StepGraph)."""
    interpreter = open_micro(content)

    def step(values):
        for index, value in enumerate(values):
            interpreter.set_input(value, index)
        interpreter.invoke()
        return [np.array(interpreter.get_output(index)) for index in range(len(values))]

    return interpreter, step


def run_tflm(paths, streams):
    """Logits float [hops, labels] by each file of each stream of network input float [hops, bands], each from a zero state."""
    logits = []
    for content in (Path(path).read_bytes() for path in paths):
        interpreter, step = open_interpreter(content)
        graph, found = StepGraph(content, step), []
        for features in streams:
            interpreter.reset()  # zeroes the variable tensors of the fused LSTM
            found.append(graph.run(features))
        logits.append(found)
    return logits


def _narrow(content, too_small, enough):
    """Bisect for the smallest arena, in units of 16 bytes.

    An arena that is too small raises RuntimeError or crashes the process, so the bounds are printed before each attempt
    as they would be after a crash.
    """
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        print(middle, enough, flush=True)
        try:
            open_micro(content, middle * 16)
            enough = middle
        except RuntimeError:
            too_small = middle
    print(too_small, enough)


def arena_bytes_of(path):
    """The smallest arena, in bytes, that the host's interpreter accepts for a file; Failure if the search fails.

    The search runs in child processes: the interpreter may crash on a small arena, and reports each refusal on stderr.
    """
    require("tflite_micro")
    bounds = ["0", str(os.path.getsize(path) * 10 // 16)]
    command = [sys.executable, "-m", "export.tflm", os.path.abspath(path)]
    while True:
        try:
            child = subprocess.run([*command, *bounds], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"{path}: TFLite Micro was stopped after {LIMIT_SECONDS} s") from None
        if child.returncode > 0 or not child.stdout:
            raise Failure(f"{path}: TFLite Micro ended with {child.returncode}:\n{child.stderr[-2000:]}")
        bounds = child.stdout.splitlines()[-1].split()
        if child.returncode == 0:
            return int(bounds[1]) * 16


def header_text(content, operators, arena_bytes, about):
    """model_tflite.h as text; arguments as of write_tflite_header."""
    inputs, outputs = (", ".join(names) for names in tensor_names(content))
    counts = ", ".join(f"{name} {count}" for name, count in operators.items())
    described = "\n".join(f" * {key}: {value}" for key, value in about.items())
    return f"""/* One step of the model for TensorFlow Lite Micro: int8 weights, int16 activations.
 *
 * Inputs, int16: {inputs}.  Outputs: {outputs}; each *_out is fed back as its input.
 * Operators: {counts}.
 * Arena: {arena_bytes} bytes with 64-bit pointers, less on a microcontroller.
 *
{described}
 */
#ifndef MODEL_TFLITE_H
#define MODEL_TFLITE_H

__attribute__((aligned(16))) static const unsigned char model_tflite[{len(content)}] = {{
{list_text(content)}
}};

#endif
"""


def write_tflite_header(path, tflite_path, about):
    """Write model_tflite.h: a TFLite file as a C99 array; operators, arena size and about {key: text} in a comment."""
    content = Path(tflite_path).read_bytes()
    write_whole(path, header_text(content, operators_of(tflite_path), arena_bytes_of(tflite_path), about))


if __name__ == "__main__":
    _narrow(Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3]))
