"""The integers as C: kws_model.h with the sizes and kws_model.c with the arrays (struct kws_model of firmware/library).

    kws_model.h   the sizes that the library is compiled with, and the model's id
    kws_model.c   the one constant `kws_model`; refuses to compile with another export's header

The id and the hash are of the contents, so the same weights give the same bytes everywhere.
"""

import hashlib

import numpy as np

from firmware import tables
from firmware.ctext import nested_text
from firmware.frontend import FFT_POINTS, FRAME_SAMPLES
from firmware.frontend_c import mel_codes, mel_initializer, size_macros
from train.layers import kind_of

FNV_START, FNV_PRIME = 2166136261, 16777619
LAYER_BYTES = 36
"""sizeof(struct kws_layer) on a 32-bit core."""

ELEMENT = {
    "bias": "int32_t",
    "multiplier": "kws_multiplier",
    "scaling": "struct kws_scaling",
    "input_weights": "int8_t",
    "recurrent_weights": "int8_t",
}
"""C type of what each array of a layer holds."""


class CLayer:
    """One struct kws_layer: its arrays and sizes, in the order in which the library hashes them."""

    def __init__(self, name, layer, rows, source):
        self.name, self.rows = name, rows
        self.kind = kind_of(layer)
        self.arrays, gates, sums = {}, 0, 0
        if rows:
            arrays = {
                "bias": rows.bias.astype("<i4"),
                "multiplier": rows.multiplier.astype("<i2"),
                "scaling": np.array([(s.accumulator_shift, s.right_shift) for s in rows.scaling], "u1"),
                "input_weights": rows.input_weights.astype("i1"),
                "recurrent_weights": rows.recurrent_weights.astype("i1"),
            }
            self.arrays = {field: array for field, array in arrays.items() if array.size}
            gates, sums = rows.input_weights.shape[1], rows.bias.shape[1]
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
        self.preactivations = layer.units * sums

    def hashed(self):
        """The bytes that the hash and the id are of."""
        return np.array(list(self.sizes.values())).astype("<i2").tobytes() + b"".join(
            array.tobytes() for array in self.arrays.values()
        )

    def definitions(self):
        """Its arrays as C."""
        text = ""
        for field, array in self.arrays.items():
            shape = array.shape[:-1] if field == "scaling" else array.shape
            brackets = "".join(f"[{length}]" for length in shape)
            text += f"static const {ELEMENT[field]} {self.name}_{field}{brackets} = {nested_text(array)};\n\n"
        return text

    def initializer(self):
        """Its struct kws_layer as C."""
        values = [f".step = kws_{self.kind}_step"]
        for field, array in self.arrays.items():
            first = "[0]" * (0 if field == "scaling" else array.ndim - 1)
            values.append(f".{field} = {self.name}_{field}{first}")
        values += [f".{field} = {value}" for field, value in self.sizes.items()]
        return "{\n            " + ",\n            ".join(values) + ",\n        }"


class CModel:
    """A model as C: mel bands, layers, operating point, labels."""

    def __init__(self, integers, point):
        self.model, self.point = integers.model, point
        model, formats = self.model, integers.model.formats()
        rise, segment = mel_codes(model.frontend)
        self.label_bytes = max(len(label) for label in model.labels) + 1
        labels = b"".join(label.encode().ljust(self.label_bytes, b"\0") for label in model.labels)
        self.layers = [CLayer(name, layer, integers.rows[name], formats[name]) for name, layer in model.layers.items()]
        self.mel = {"mel.rise": rise.astype("<u2"), "mel.segment": segment.astype("u1")}
        self.rest = {
            "operating_point": np.frombuffer(
                np.array([point.threshold], "<u2").tobytes() + bytes([point.smoothing_shift, point.refractory_hops]),
                "u1",
            ),
            "labels": np.frombuffer(labels, "u1"),
        }
        self.memory_codes = sum(layer.sizes["memory_codes"] for layer in self.layers[:-1])
        self.preactivations = max(layer.preactivations for layer in self.layers)

    def arrays(self):
        """{name: array} of all that is in flash, in the library's order."""
        of_layers = {f"{layer.name}.{field}": array for layer in self.layers for field, array in layer.arrays.items()}
        return {**self.mel, **of_layers, **self.rest}

    def _hashed(self):
        for array in self.mel.values():
            yield array.tobytes()
        for layer in self.layers:
            yield layer.hashed()
        for array in self.rest.values():
            yield array.tobytes()

    def sha256(self):
        kinds = [layer.kind for layer in self.layers]
        return hashlib.sha256(repr((self.model.frontend, kinds)).encode() + b"".join(self._hashed())).hexdigest()

    def fnv1a(self):
        """The hash that kws_init checks."""
        value = FNV_START
        for byte in b"".join(self._hashed()):
            value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFF
        return value

    def gate_table_bytes(self):
        """Bytes of the library's tables that the layers look their gates up in."""
        names = set().union(*(layer.tables() for layer in self.model.layers.values()))
        return sum(2 * len(getattr(tables, f"{name}_codes")()) for name in names)

    def flash_bytes(self):
        """All that the model needs in flash but code and the front end's tables, which are every model's."""
        arrays = sum(array.nbytes for array in self.arrays().values())
        return arrays + 4 + LAYER_BYTES * len(self.layers) + self.gate_table_bytes()

    def multiplications(self):
        """Of weights, a hop."""
        return sum(array.size for name, array in self.arrays().items() if name.endswith("_weights"))

    def ram_bytes(self):
        """sizeof(struct kws) on a 32-bit core: one stream's state and scratch, without the stack."""
        frontend, labels = self.model.frontend, len(self.model.labels)
        history = 2 * (FRAME_SAMPLES - frontend.hop_samples)
        network = 2 * (frontend.bands + self.memory_codes + labels)
        scratch = max(8 * FFT_POINTS // 2, 2 * self.preactivations)
        return 4 + 4 + sum(-(-size // 4) * 4 for size in (history, 4 * labels + 2, network, scratch))

    def header(self):
        model = self.model
        return f"""\
/* Generated by `make export RECIPE={model.recipe}`: the sizes of the model in kws_model.c. */
#ifndef KWS_MODEL_H
#define KWS_MODEL_H

#define KWS_MODEL_ID 0x{self.sha256()[:8]}u /* of exactly one export; kws_model.c must have the same */

{size_macros(model.frontend)}#define KWS_LAYERS {len(self.layers)} /* {", ".join(layer.name for layer in self.layers)} */
#define KWS_MEMORY_CODES {self.memory_codes} /* int16 that the layers before the classifier keep */
#define KWS_PREACTIVATIONS {self.preactivations} /* of the layer with the most rows */
#define KWS_LABELS {len(model.labels)}
#define KWS_KEYWORDS {model.keywords} /* the first labels; the rest are never detected */
#define KWS_LABEL_BYTES {self.label_bytes}

#endif
"""

    def source(self):
        point = self.point
        labels = ", ".join(f'"{label}"' for label in self.model.labels)
        steps = "".join(f"kws_layer_step kws_{kind}_step;\n" for kind in sorted({layer.kind for layer in self.layers}))
        layers = "".join(f"        {layer.initializer()},\n" for layer in self.layers)
        return f"""\
/* Generated by `make export RECIPE={self.model.recipe}`; the fields are explained in kws.h, layer.h and frontend.h. */
#include "kws.h"

#if KWS_MODEL_ID != 0x{self.sha256()[:8]}u
#error "kws_model.h and kws_model.c come from different exports: copy both from the same one"
#endif

{steps}
{"".join(layer.definitions() for layer in self.layers)}const struct kws_model kws_model = {{
    .hash = 0x{self.fnv1a():08x}u,
    .mel = {mel_initializer(self.model.frontend)},
    .layers = {{
{layers}    }},
    .operating_point = {{
        .threshold = {point.threshold},
        .smoothing_shift = {point.smoothing_shift},
        .refractory_hops = {point.refractory_hops},
    }},
    .labels = {{{labels}}},
}};
"""
