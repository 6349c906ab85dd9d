"""Compares rounding rules: python -m tests.measure.rounding RECIPE

Error: |logit - float logit| of the trained model with each rule in numpy, over validation clips joined to streams (without DATA:
over the features that exports are compared on).  Cost: instructions of one GRU step of 10 inputs and 64 units on emulated
cores, in plain C, with gru.c compiled with the header of each rule.  Prints the table of docs/number-format.md.
"""

import argparse

import numpy as np

from calibration.models import load_model
from export.artefacts import comparison_features
from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.cost.gru_step import step_instructions
from firmware.frontend import log_mel_of_codes
from firmware.generate.integers import saturate16
from firmware.markdown import table
from firmware.paths import ROOT, data_folder
from firmware.progress import progress
from train.corpora import logmel
from train.integer_model import LOGIT_UNIT, IntegerModel
from train.layers import Gru
from train.layers.rows import IntegerRows, row_scales, weight_codes
from train.recipe import load_recipe
from train.validation_clips import ValidationClips

PROGRAMS = ROOT / "tests" / "measure"
RULES = {
    "64-bit product, rounded once": ("rule_product64.h", lambda rows: WithLongProduct(rows, 46)),
    "high word of a long product": ("rule_high_word.h", lambda rows: WithLongProduct(rows, 32)),
    "16-bit multiplier, no long product": (None, lambda rows: rows),
}
"""{rule: (its header, or None for the library's own; integer rows of the cell -> rows that use the rule)}."""

STREAMS, STEPS = 20, 2000


def validation_streams(model, recipe):
    """Features int8 [streams, steps, bands]."""
    if (data_folder() / logmel.FOLDER).is_dir() and any(section.kind == "logmel" for section in recipe.corpora):
        codes = ValidationClips.of(recipe, logmel.load(None, recipe, data_folder())).codes
        return codes.reshape(-1, codes.shape[2])[: STREAMS * STEPS].reshape(STREAMS, STEPS, -1)
    return comparison_features(model)[1][None]


def requantize_exactly(accumulator, real_multiplier, _scaling):
    """A product of unlimited width, rounded once, ties towards +infinity."""
    return saturate16(np.floor(accumulator * real_multiplier + 0.5).astype(np.int64))


class WithLongProduct:
    """Rows with multipliers of `bits` fraction bits and a long product instead of the library's rule."""

    def __init__(self, rows, bits):
        gate_of_sum = np.minimum(np.arange(len(rows.bias)), len(rows.scaling) - 1)
        halves = np.array([1 << rows.scaling[gate].accumulator_shift - 1 for gate in gate_of_sum])
        multiplier = np.rint(rows.recurrent_scale * 2.0 ** (bits - 3)) / 2.0**bits
        self.rows = IntegerRows(**{**vars(rows), "bias": rows.bias - halves[:, None], "multiplier": multiplier})

    def preactivations(self, codes, state):
        return self.rows.preactivations(codes, state, requantize_exactly)


class SeparateScales:
    """Rows of a GRU with separate scales for W and U: six requantisations per unit, in float64."""

    def __init__(self, cell, features):
        self.features, self.bias = features, cell.bias
        self.input_scale = row_scales(0, 15, cell.input_weights)
        self.recurrent_scale = row_scales(0, 15, cell.recurrent_weights)
        self.input_codes = weight_codes(cell.input_weights, self.input_scale)
        self.recurrent_codes = weight_codes(cell.recurrent_weights, self.recurrent_scale)

    def preactivations(self, codes, state):
        x = log_mel_of_codes(codes).astype(np.int64) - self.features.mean_level
        unit = 2.0**-self.features.right_shift

        def q12(real):
            return np.floor(real * 4096 + 0.5).astype(np.int64)

        from_input = [
            q12(x @ self.input_codes[gate].T * (self.input_scale[gate] * unit) + self.bias[gate]) for gate in range(3)
        ]
        from_state = [
            q12(
                state @ self.recurrent_codes[gate].T * (self.recurrent_scale[gate] * 2.0**-15)
                + (self.bias[3] if gate == 2 else 0)
            )
            for gate in range(3)
        ]
        return [saturate16(from_input[gate] + from_state[gate]) for gate in (0, 1)] + [from_input[2], from_state[2]]


def logit_errors(model, integers, codes, cell, rows):
    """(mean |logit error|, share of equal argmax) against float, with `rows` in place of the cell's."""
    wanted, _ = model.run(codes)
    logits, _ = IntegerModel(model, {**integers.rows, cell: rows}).run(codes)
    found = logits * LOGIT_UNIT
    return np.abs(found - wanted).mean(), (found.argmax(2) == wanted.argmax(2)).mean()


def instructions_by(core, header):
    """Instructions of one GRU step with a rule's header (None: the library's own)."""
    options = ["-DKWS_GRU_IN_C"]
    if header:
        options += [f"-I{PROGRAMS}", "-include", str(PROGRAMS / header)]
    return step_instructions(core, header or "gru-in-c", options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe, ("keywords",))
    model, origin = load_model(recipe.name)
    name, cell = next(((name, layer) for name, layer in model.layers.items() if isinstance(layer, Gru)), (None, None))
    if cell is None:
        raise ValueError(f"{recipe.name} has no GRU, on which the rules are compared; take RECIPE=hello")
    integers, codes = model.quantize(), validation_streams(model, recipe)
    print(f"{origin}; {codes.shape[0]} streams of {codes.shape[1]} steps; one GRU step of 10 inputs and 64 units")
    rows = []
    for rule, (header, rows_of) in progress(RULES.items(), "measuring", "rules"):
        error, agree = logit_errors(model, integers, codes, name, rows_of(integers.rows[name]))
        costs = [instructions_by(CORES[core], header) for core in ("m4", "m0plus")]
        rows.append((rule, "share a scale, 4 a unit", f"{error:.4f}", f"{agree:.4f}", *costs))
    error, agree = logit_errors(model, integers, codes, name, SeparateScales(cell, model.features))
    rows.append(("64-bit product, rounded once", "a scale each, 6 a unit", f"{error:.4f}", f"{agree:.4f}", "-", "-"))
    print(table(["rule", "W and U of a row", "mean logit error", "agreement", "M4", "M0+"], rows))


if __name__ == "__main__":
    run_command("rounding", main)
