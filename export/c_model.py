"""The integers as C: kws_model.h with the sizes and kws_model.c with the arrays (struct kws_model of firmware/library).

    kws_model.h   the sizes that the library is compiled with, and the model's id
    kws_model.c   the one constant `kws_model`; refuses to compile with another export's header

The id is of the codes themselves, whatever order kernels want them in, and the hash of the bytes; neither depends on
where they were made, so the same weights give the same everywhere.
"""

import hashlib
import struct
from dataclasses import astuple

import numpy as np

from export.packed_rows import LARGEST_COLUMN_SUM, pack_rows
from firmware.frontend import FFT_POINTS, FRAME_SAMPLES
from firmware.generate import tables
from firmware.generate.c_source import nested_text, string_text
from firmware.generate.mel_bands import mel_codes, mel_initializer, size_macros
from train.layers import kind_of
from train.layers.rows import MATRICES

FNV_START, FNV_PRIME = 2166136261, 16777619
ADDRESSES, NUMBERS_BYTES, SCALING_BYTES = 5, 12, 2
"""In struct kws_layer on a 32-bit core: its addresses, and the bytes of its sizes and of one of its scalings."""

ELEMENT = {
    "bias": "int32_t",
    "multiplier": "kws_multiplier",
    "input_weights": "uint8_t",
    "recurrent_weights": "uint8_t",
}
"""C type of what each array of a layer holds."""


class CLayer:
    """One struct kws_layer: its arrays and sizes, in the library's order."""

    def __init__(self, name, layer, rows, source):
        self.name, self.rows = name, rows
        self.kind = kind_of(layer)
        self.codes, self.arrays, self.scaling, gates, sums = {}, {}, np.zeros((0, 2), "u1"), 0, 0
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
            self.scaling = arrays.pop("scaling").reshape(-1, 2)
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

    def identity(self):
        """The bytes that the id is of: sizes, and codes unit by unit."""
        arrays = [array if field == "scaling" else np.moveaxis(array, 1, 0) for field, array in self.codes.items()]
        sizes = np.array(list(self.sizes.values())).astype("<i2")
        return b"".join(array.tobytes() for array in (sizes, *arrays))

    def entry(self, kinds, scalings):
        """The bytes that the library hashes of its struct kws_layer: its kind's place among `kinds`, scalings, sizes."""
        scaling = self.scaling.tobytes().ljust(SCALING_BYTES * scalings, b"\0")
        numbers = struct.pack("<3H4Bh", *self.sizes.values())
        return np.frombuffer(bytes([kinds.index(self.kind)]) + scaling + numbers, "u1")

    def declarations(self):
        """Its arrays as members of a struct in C."""
        text = ""
        for field, array in self.arrays.items():
            brackets = "".join(f"[{length}]" for length in array.shape)
            text += f"    KWS_ALIGNED {ELEMENT[field]} {self.name}_{field}{brackets};\n"
        return text

    def definitions(self):
        """Those members' initializers."""
        return "".join(
            f"    .{self.name}_{field} = {nested_text(array, '    ')},\n" for field, array in self.arrays.items()
        )

    def initializer(self):
        """Its struct kws_layer as C."""
        values = [f".step = kws_{self.kind}_step"]
        for field, array in self.arrays.items():
            values.append(f".{field} = arrays.{self.name}_{field}{'[0]' * (array.ndim - 1)}")
        if len(self.scaling):
            pairs = (f"{{{accumulator}, {right}}}" for accumulator, right in self.scaling.tolist())
            values.append(f".scaling = {{{', '.join(pairs)}}}")
        values += [f".{field} = {value}" for field, value in self.sizes.items()]
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


def fnv1a(arrays):
    """The hash, 32 bits, of arrays joined."""
    value = FNV_START
    for byte in b"".join(array.tobytes() for array in arrays):
        value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return value


class CModel:
    """A model as C: mel bands, layers, the detector's rule and operating points, labels."""

    def __init__(self, integers, detector):
        self.model, self.detector = integers.model, detector
        model, formats = self.model, integers.model.formats()
        rise, segment = mel_codes(model.frontend)
        self.label_bytes = max(len(label.encode()) for label in model.labels) + 1
        labels = b"".join(label.encode().ljust(self.label_bytes, b"\0") for label in model.labels)
        self.layers = [CLayer(name, layer, integers.rows[name], formats[name]) for name, layer in model.layers.items()]
        self.kinds = sorted({layer.kind for layer in self.layers})
        self.scalings = max(len(layer.scaling) for layer in self.layers)
        self.mel = {"mel.rise": rise.astype("<u2"), "mel.segment": segment.astype("u1")}
        self.rest = {
            "rule": np.array(astuple(detector.rule), "u1"),
            "points": np.array([point.thresholds for point in detector.points], "<u2"),
            "labels": np.frombuffer(labels, "u1"),
        }
        self.memory_codes = sum(layer.sizes["memory_codes"] for layer in self.layers[:-1])
        self.sums = max(layer.sums for layer in self.layers)

    def arrays(self):
        """{name: array} of all that is in flash, in the library's order."""
        of_layers = {f"{layer.name}.{field}": array for layer in self.layers for field, array in layer.arrays.items()}
        return {**self.mel, **of_layers, **self.rest}

    def sha256(self):
        """Of all that logits and labels depend on: the detector may be calibrated anew without its changing."""
        kinds = [layer.kind for layer in self.layers]
        before, layers, labels = self.mel.values(), (layer.identity() for layer in self.layers), self.rest["labels"]
        content = b"".join([*(array.tobytes() for array in before), *layers, labels.tobytes()])
        return hashlib.sha256(repr((self.model.frontend, kinds)).encode() + content).hexdigest()

    def export_id(self):
        """32 bits of all that is exported."""
        return hashlib.sha256(f"{self.sha256()} {self.detector}".encode()).hexdigest()[:8]

    def hashes(self):
        """Those that kws_init checks: of the table, of the layers' arrays."""
        entries = (layer.entry(self.kinds, self.scalings) for layer in self.layers)
        arrays = (array for layer in self.layers for array in layer.arrays.values())
        return fnv1a([*self.mel.values(), *entries, *self.rest.values()]), fnv1a(arrays)

    def gate_table_bytes(self):
        """Bytes of the library's tables that the layers look their gates up in."""
        names = set().union(*(layer.tables() for layer in self.model.layers.values()))
        return sum(2 * len(getattr(tables, f"{name}_codes")()) for name in names)

    def flash_bytes(self):
        """All that the model needs in flash but code and the front end's tables, which are every model's."""
        inner = sum(array.nbytes for array in (*self.mel.values(), *self.rest.values()))
        outer = sum(-(-array.nbytes // 4) * 4 for layer in self.layers for array in layer.arrays.values())
        layer = 4 * ADDRESSES + -(-(NUMBERS_BYTES + SCALING_BYTES * self.scalings) // 4) * 4
        table = 8 + layer * len(self.layers) + 4 * len(self.kinds)
        return inner + outer + table + self.gate_table_bytes()

    def multiplications(self):
        """Of weights, a hop."""
        return sum(array.size for name, array in self.arrays().items() if name.endswith("_weights"))

    def ram_bytes(self):
        """sizeof(struct kws) on a 32-bit core: one stream's state and scratch, without the stack."""
        frontend, labels = self.model.frontend, len(self.model.labels)
        history = 2 * (FRAME_SAMPLES - frontend.hop_samples)
        network = 2 * (frontend.bands + self.memory_codes + labels)
        scratch = max(8 * FFT_POINTS // 2, 4 * self.sums)
        detector = 4 * self.model.keywords + 4
        return 4 + 4 + sum(-(-size // 4) * 4 for size in (history, detector, network, scratch))

    def header(self):
        model = self.model
        points = "".join(
            f"#define KWS_POINT_{point.name.upper()} {i}\n" for i, point in enumerate(self.detector.points)
        )
        return f"""\
/* Generated by `make export RECIPE={model.recipe}`: the sizes of the model in kws_model.c. */
#ifndef KWS_MODEL_H
#define KWS_MODEL_H

#define KWS_MODEL_ID 0x{self.export_id()}u /* of exactly one export; kws_model.c must have the same */

{size_macros(model.frontend)}#define KWS_LAYERS {len(self.layers)} /* {", ".join(layer.name for layer in self.layers)} */
#define KWS_KINDS {len(self.kinds)} /* of layers */
#define KWS_SCALINGS {self.scalings} /* of the gates of a layer, at most */
#define KWS_MEMORY_CODES {self.memory_codes} /* int16 that the layers before the classifier keep */
#define KWS_SUMS {self.sums} /* words of scratch that the largest layer wants */
#define KWS_LABELS {len(model.labels)}
#define KWS_KEYWORDS {model.keywords} /* the first labels; the rest are never detected */
#define KWS_LABEL_BYTES {self.label_bytes}
#define KWS_POINTS {len(self.detector.points)} /* operating points by name; the first is in force at the start */
{points}
#endif
"""

    def source(self):
        rule = self.detector.rule
        points = "".join(
            f"        [KWS_POINT_{point.name.upper()}] = {{{{{', '.join(map(str, point.thresholds))}}}}},\n"
            for point in self.detector.points
        )
        labels = ", ".join(map(string_text, self.model.labels))
        steps = "".join(f"kws_layer_step kws_{kind}_step;\n" for kind in self.kinds)
        kinds = ", ".join(f"kws_{kind}_step" for kind in self.kinds)
        hash, array_hash = self.hashes()
        layers = "".join(f"        {layer.initializer()},\n" for layer in self.layers)
        return f"""\
/* Generated by `make export RECIPE={self.model.recipe}`; the fields are explained in kws.h, layer.h and frontend.h. */
#include "kws.h"

#if KWS_MODEL_ID != 0x{self.export_id()}u
#error "kws_model.h and kws_model.c come from different exports: copy both from the same one"
#endif

{steps}
static const struct {{
{"".join(layer.declarations() for layer in self.layers)}}} arrays = {{
{"".join(layer.definitions() for layer in self.layers)}}};

const struct kws_model kws_model = {{
    .hash = 0x{hash:08x}u,
    .array_hash = 0x{array_hash:08x}u,
    .mel = {mel_initializer(self.model.frontend)},
    .layers = {{
{layers}    }},
    .kinds = {{{kinds}}},
    .rule = {{
        .smoothing_shift = {rule.smoothing_shift},
        .refractory_hops = {rule.refractory_hops},
        .confirm_hops = {rule.confirm_hops},
    }},
    .points = {{
{points}    }},
    .labels = {{{labels}}},
}};
"""
