"""The integers as C: kws_model.h and kws_model.c (struct kws_model of firmware/library/model.h).

    kws_model.h   the memory that the model needs, its sizes and operating points, and the id of the export
    kws_model.c   the constants; refuses to compile with another export's header

Every name has the recipe's in it, so that any number of models fit in one image.  The id is of the codes themselves,
whatever order kernels want them in, and the hash of the bytes; neither depends on where they were made, so the same
weights give the same everywhere.
"""

import hashlib
import struct
from dataclasses import astuple

import numpy as np

from export.packed_rows import LARGEST_COLUMN_SUM, pack_rows
from firmware.frontend import FFT_POINTS, FRAME_SAMPLES
from firmware.generate import tables
from firmware.generate.c_source import identifier, nested_text, string_text
from firmware.generate.fnv1a import fnv1a
from firmware.generate.mel_bands import (
    features_memory_codes,
    features_name,
    features_numbers,
    features_source,
    mel_codes,
)
from train.layers import kind_of
from train.layers.rows import MATRICES

FORMAT = 3
"""KWS_FORMAT of firmware/library/kws.h."""

MODEL_BYTES, FEATURES_BYTES, LAYER_BYTES = 36, 24, 32
"""On a 32-bit core: struct kws_model, struct kws_features, struct kws_layer."""

ADDRESSES = ("bias", "multiplier", "scaling", "input_weights")
"""The arrays whose address a struct kws_layer has; recurrent weights lie behind those of the input."""

ELEMENT = {
    "bias": "int32_t",
    "multiplier": "kws_multiplier",
    "scaling": "struct kws_scaling",
    "input_weights": "uint8_t",
    "recurrent_weights": "uint8_t",
}
"""C type of what each array of a layer holds."""


def aligned(size):
    """A number of bytes, rounded up to a multiple of four."""
    return -(-size // 4) * 4


class CLayer:
    """One struct kws_layer: its arrays and sizes, in the library's order."""

    def __init__(self, name, layer, rows, source):
        self.name, self.rows = name, rows
        self.kind = kind_of(layer)
        self.codes, self.arrays, gates, sums = {}, {}, 0, 0
        if rows:
            gates, sums = len(rows.input_weights), len(rows.bias)
            arrays = {
                "bias": rows.bias.astype("<i4"),
                "multiplier": rows.multiplier.astype("<i2"),
                "scaling": np.array([(s.accumulator_shift, s.right_shift) for s in rows.scaling], "u1"),
                "input_weights": rows.input_weights,
                "recurrent_weights": rows.recurrent_weights,
            }
            self.codes = {field: array for field, array in arrays.items() if array.size}
            arrays |= _device_order(arrays, rows.split)
            arrays |= {field: _bytes_of(arrays[field], sums, source.largest) for field in MATRICES}
            self.arrays = {field: array for field, array in arrays.items() if array.size}
        carried = [state.format or source for state in layer.states()]
        self.sizes = {
            "inputs": rows.input_weights.shape[2] if rows else layer.inputs,
            "units": layer.units,
            "memory_codes": layer.memory_codes(),
            "gates": gates,
            "sums": sums,
            "input_shift": rows.input_shift if rows else 0,
            "format": layer.device_format(source),
            "zero": -carried[0].constant if carried else 0,
        }
        columns = max(self.sizes["inputs"], layer.units) if sums else 0
        self.sums = layer.units * sums + -(-columns // 2)

    def flash_bytes(self):
        """Its arrays, each at a multiple of four bytes."""
        return sum(aligned(array.nbytes) for array in self.arrays.values())

    def identity(self):
        """The bytes that the id is of: sizes, and codes unit by unit."""
        arrays = [array if field == "scaling" else np.moveaxis(array, 1, 0) for field, array in self.codes.items()]
        sizes = np.array(list(self.sizes.values())).astype("<i2")
        return b"".join(array.tobytes() for array in (sizes, *arrays))

    def numbers(self, kind, begin):
        """What the library hashes of its struct kws_layer: where its arrays are, and its numbers.

        kind: its place among the model's.  begin: where its arrays begin, in bytes from the thresholds.
        """
        distances = dict.fromkeys(ADDRESSES, 0)
        for field, array in self.arrays.items():
            distances[field] = begin
            begin += aligned(array.nbytes)
        *sizes, gates, sums, input_shift, format, zero = self.sizes.values()
        numbers = struct.pack("<3H5Bb", *sizes, kind, gates, sums, input_shift, format, zero)
        return struct.pack("<4I", *(distances[field] for field in ADDRESSES)) + numbers

    def declarations(self):
        """Its arrays as members of a struct in C."""
        text = ""
        for field, array in self.arrays.items():
            shape = array.shape[:1] if field == "scaling" else array.shape
            brackets = "".join(f"[{length}]" for length in shape)
            text += f"    KWS_ALIGNED {ELEMENT[field]} {self.name}_{field}{brackets};\n"
        return text

    def definitions(self):
        """Those members' initializers."""
        return "".join(
            f"    .{self.name}_{field} = {nested_text(array, '    ')},\n" for field, array in self.arrays.items()
        )

    def initializer(self, kind):
        """Its struct kws_layer as C; kind: its place among the model's."""
        values = [f".step = kws_{self.kind}_step"]
        for field, array in self.arrays.items():
            if field in ADDRESSES:
                first = "" if field == "scaling" else "[0]" * (array.ndim - 1)
                values.append(f".{field.removeprefix('input_')} = data.{self.name}_{field}{first}")
        values += [f".{field} = {value}" for field, value in self.sizes.items()]
        values.append(f".kind = {kind}")
        return "{\n            " + ",\n            ".join(values) + ",\n        }"


def _device_order(arrays, split):
    """Where the last gate has two sums, it comes first everywhere but among the rows of the state."""
    if not split:
        return {}
    bias = arrays["bias"]
    rotated = {field: np.roll(arrays[field], 1, axis=0) for field in ("multiplier", "scaling", "input_weights")}
    return {**rotated, "bias": np.concatenate([bias[-2:-1], bias[:-2], bias[-1:]])}


def _bytes_of(weights, sums, largest):
    """A matrix [gates, units, columns] as the device keeps it; weights that no row is summed of stay as they are."""
    if not sums:
        return weights.ravel().astype("i1").view("u1")
    gates, units, columns = weights.shape
    if columns * largest >= LARGEST_COLUMN_SUM:
        raise ValueError(f"{columns} columns of codes up to {largest}: at most {(LARGEST_COLUMN_SUM - 1) // largest}")
    return pack_rows(weights.reshape(gates * units, columns)) if columns else weights


class CModel:
    """A model as C: features, layers, the detector's rule and operating points, labels."""

    def __init__(self, integers, detector):
        self.model, self.detector = integers.model, detector
        self.name = identifier(self.model.recipe)
        model, formats = self.model, integers.model.formats()
        self.layers = [CLayer(name, layer, integers.rows[name], formats[name]) for name, layer in model.layers.items()]
        self.kinds = sorted({layer.kind for layer in self.layers})
        self.thresholds = np.array([point.thresholds for point in detector.points], "<u2")
        text = b"".join(label.encode() + b"\0" for label in model.labels)
        self.labels = text.ljust(len(text) + -(len(text) + self.thresholds.nbytes) % 4, b"\0")
        self.memory_codes = sum(layer.sizes["memory_codes"] for layer in self.layers[:-1])
        self.scratch_words = max(layer.sums for layer in self.layers)

    def mel(self):
        """The arrays of its features, as the device has them."""
        rise, segment = mel_codes(self.model.frontend)
        return rise.astype("<u2"), segment.astype("u1")

    def sha256(self):
        """Of all that logits and labels depend on: the detector may be calibrated anew without its changing."""
        kinds = [layer.kind for layer in self.layers]
        width = max(len(label.encode()) for label in self.model.labels) + 1
        labels = b"".join(label.encode().ljust(width, b"\0") for label in self.model.labels)
        layers = (layer.identity() for layer in self.layers)
        content = b"".join([*(array.tobytes() for array in self.mel()), *layers, labels])
        return hashlib.sha256(repr((self.model.frontend, kinds)).encode() + content).hexdigest()

    def export_id(self):
        """32 bits of all that is exported, and of how."""
        return hashlib.sha256(f"{self.sha256()} {self.detector} {FORMAT}".encode()).hexdigest()[:8]

    def array_bytes(self):
        """Of thresholds, labels and the arrays of the layers."""
        return self.thresholds.nbytes + len(self.labels) + sum(layer.flash_bytes() for layer in self.layers)

    def numbers(self):
        """The bytes of its struct kws_model behind the addresses."""
        counts = (len(self.kinds), len(self.layers), len(self.model.labels), self.model.keywords, len(self.thresholds))
        return struct.pack("<IH8B", self.array_bytes(), self.memory_codes, *counts, *astuple(self.detector.rule))

    def hashes(self):
        """Those that kws_init checks: of the numbers; of mel bands, thresholds, labels and the layers' arrays."""
        numbers, begin = (
            self.numbers() + features_numbers(self.model.frontend),
            self.thresholds.nbytes + len(self.labels),
        )
        for layer in self.layers:
            numbers += layer.numbers(self.kinds.index(layer.kind), begin)
            begin += layer.flash_bytes()
        arrays = (array.tobytes() for layer in self.layers for array in layer.arrays.values())
        padded = (array.ljust(aligned(len(array)), b"\0") for array in arrays)
        mel = (array.tobytes() for array in self.mel())
        return fnv1a(numbers), fnv1a(b"".join([*mel, self.thresholds.tobytes(), self.labels, *padded]))

    def gate_table_bytes(self):
        """Bytes of the library's tables that the layers look their gates up in."""
        names = set().union(*(layer.tables() for layer in self.model.layers.values()))
        return sum(2 * len(getattr(tables, f"{name}_codes")()) for name in names)

    def flash_bytes(self):
        """All that the model needs in flash but code and the front end's tables, which are every model's."""
        features = FEATURES_BYTES + sum(array.nbytes for array in self.mel())
        lists = 4 * len(self.kinds) + LAYER_BYTES * len(self.layers)
        return MODEL_BYTES + features + lists + self.array_bytes() + self.gate_table_bytes()

    def multiplications(self):
        """Of weights, a hop."""
        return sum(array.size for layer in self.layers for field, array in layer.arrays.items() if field in MATRICES)

    def frontend_scratch_words(self):
        """Of the front end's memory: the spectrum's, or the largest layer's."""
        return max(FFT_POINTS, self.scratch_words)

    def ram_bytes(self):
        """Both structs on a 32-bit core: one stream's state, its front end and scratch, without the stack."""
        frontend = 8 + 2 * features_memory_codes(self.model.frontend) + 4 * self.frontend_scratch_words()
        stream = 8 + 2 * (2 * self.model.keywords + self.memory_codes + len(self.model.labels))
        return frontend + -(-stream // 4) * 4

    def header(self):
        model, name, macro = self.model, f"kws_{self.name}", f"KWS_{self.name.upper()}"
        keywords, history = model.keywords, FRAME_SAMPLES - model.frontend.hop_samples
        points = "".join(
            f"#define {macro}_POINT_{point.name.upper()} {i}\n" for i, point in enumerate(self.detector.points)
        )
        return f"""\
/* Generated by `make export RECIPE={model.recipe}`: the memory, sizes and operating points of the model in kws_model.c. */
#ifndef {macro}_H
#define {macro}_H

#include "kws.h"

#if KWS_FORMAT != {FORMAT}
#error "this kws_model.h is of another version of the library: export the model again"
#endif

#define {macro}_ID 0x{self.export_id()}u /* of exactly one export; kws_model.c must have the same */

#define {macro}_HOP_SAMPLES {model.frontend.hop_samples} /* {model.frontend.hop_ms} ms at 16 kHz */
#define {macro}_LABELS {len(model.labels)}
#define {macro}_KEYWORDS {keywords} /* the first labels; the rest are never detected */
#define {macro}_POINTS {len(self.detector.points)} /* operating points; the first is in force after kws_init */
{points}
/* The memory of the front end.  Models with the same features share one: a union of theirs. */
struct {name}_frontend {{
    struct kws_frontend frontend;
    int16_t codes_and_history[{features_memory_codes(model.frontend)}]; /* {model.frontend.bands} mel bands, {history} samples */
    int32_t scratch[{self.frontend_scratch_words()}];
}};

/* The memory of one stream. */
struct {name}_stream {{
    struct kws kws;
    uint16_t thresholds[{keywords}], smoothed[{keywords}];
    int16_t memory[{self.memory_codes}], logits[{len(model.labels)}];
}};

#ifdef __cplusplus
extern "C" {{
#endif

/* The id is in the name: a header and a kws_model.c of different exports do not link. */
#define {name}_model {name}_model_{self.export_id()}
extern const struct kws_model {name}_model;

#define {name}_features {features_name(model.frontend)}
extern const struct kws_features {name}_features;

/* Checks the model and begins a stream; models that share a front end are each given it. */
static inline enum kws_status {name}_init(struct {name}_stream *stream, struct {name}_frontend *frontend)
{{
    return kws_init(&stream->kws, &{name}_model, &{name}_features, &frontend->frontend);
}}

#ifdef __cplusplus
}}
#endif

#endif
"""

    def source(self):
        rule, name, macro = self.detector.rule, f"kws_{self.name}", f"KWS_{self.name.upper()}"
        points = "".join(
            f"        [{macro}_POINT_{point.name.upper()}] = {{{', '.join(map(str, point.thresholds))}}},\n"
            for point in self.detector.points
        )
        labels = " ".join(string_text(f"{label}\0") for label in self.model.labels)
        steps = "".join(f"kws_layer_step kws_{kind}_step;\n" for kind in self.kinds)
        kinds = ", ".join(f"kws_{kind}_step" for kind in self.kinds)
        hash, array_hash = self.hashes()
        layers = "".join(f"        {layer.initializer(self.kinds.index(layer.kind))},\n" for layer in self.layers)
        return f"""\
/* Generated by `make export RECIPE={self.model.recipe}`; the fields are explained in model.h, layer.h and frontend.h. */
#include "model.h"

#include "kws_model.h"

#if {macro}_ID != 0x{self.export_id()}u
#error "kws_model.h and kws_model.c come from different exports: copy both from the same one"
#endif

{steps}
{features_source(self.model.frontend)}
static const struct {{
    kws_layer_step *steps[{len(self.kinds)}];
    struct kws_layer layers[{len(self.layers)}];
    uint16_t thresholds[{len(self.thresholds)}][{self.model.keywords}];
    char labels[{len(self.labels)}];
{"".join(layer.declarations() for layer in self.layers)}}} data = {{
    .steps = {{{kinds}}},
    .layers = {{
{layers}    }},
    .thresholds = {{
{points}    }},
    .labels = {labels},
{"".join(layer.definitions() for layer in self.layers)}}};

const struct kws_model {name}_model = {{
    .hash = 0x{hash:08x}u,
    .array_hash = 0x{array_hash:08x}u,
    .steps = data.steps,
    .layers = data.layers,
    .thresholds = data.thresholds[0],
    .array_bytes = {self.array_bytes()},
    .memory_codes = {self.memory_codes},
    .kinds = {len(self.kinds)},
    .layer_count = {len(self.layers)},
    .labels = {len(self.model.labels)},
    .keywords = {self.model.keywords},
    .points = {len(self.thresholds)},
    .rule = {{
        .smoothing_shift = {rule.smoothing_shift},
        .refractory_hops = {rule.refractory_hops},
        .confirm_hops = {rule.confirm_hops},
    }},
}};
"""
