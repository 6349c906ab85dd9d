"""One layer as C: struct kws_layer of firmware/library/layer.h, and its arrays in the order of the library's kernels."""

import struct

import numpy as np

from export.packed_rows import HELIUM_LOW_BIAS, LARGEST_COLUMN_SUM, pack_rows, plain_rows
from firmware.generate.c_source import nested_text
from train.layers import kind_of
from train.layers.rows import MATRICES

LAYER_BYTES = 32
"""struct kws_layer on a 32-bit core."""

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
    """One struct kws_layer: its arrays and sizes, in the library's order.

    arrays: for cores without Helium.  helium: those that cores with Helium have in another form, of the same size.
    """

    def __init__(self, name, layer, rows, source):
        self.name, self.rows = name, rows
        self.kind = kind_of(layer)
        self.codes, self.arrays, self.helium, gates, sums = {}, {}, {}, 0, 0
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
            arrays = {field: array for field, array in arrays.items() if array.size}
            self.helium = _for_helium(arrays, rows.input_shift) if sums else {}
            self.arrays = arrays | {
                field: _bytes_of(arrays[field], sums, source.largest) for field in MATRICES if field in arrays
            }
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

    @property
    def output_in_scratch(self):
        """kws_leaves_output_in_scratch of layer.h."""
        return self.sizes["gates"] > self.sizes["sums"]

    def flash_bytes(self):
        """Its arrays, each at a multiple of four bytes."""
        return sum(aligned(array.nbytes) for array in self.arrays.values())

    def identity(self):
        """The bytes that the id is of: sizes, with the memory of the output wherever it is, and codes unit by unit."""
        arrays = [array if field == "scaling" else np.moveaxis(array, 1, 0) for field, array in self.codes.items()]
        with_output = self.sizes["memory_codes"] + (self.sizes["units"] if self.output_in_scratch else 0)
        sizes = np.array(list({**self.sizes, "memory_codes": with_output}.values())).astype("<i2")
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

    def common(self):
        """The arrays that are the same for all cores."""
        return {field: array for field, array in self.arrays.items() if field not in self.helium}

    def definitions(self, arrays):
        """The initializers of those members that hold some of the arrays."""
        return "".join(f"    .{self.name}_{field} = {nested_text(array, '    ')},\n" for field, array in arrays.items())

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


def _for_helium(arrays, input_shift):
    """The arrays that differ on cores with Helium: rows that are not packed, and the bias that their kernel needs."""
    matrices = {field: arrays[field] for field in MATRICES if field in arrays}
    bias = arrays["bias"].astype(np.int64)
    for field, weights in matrices.items():
        sums = weights.sum(-1, dtype=np.int64) * HELIUM_LOW_BIAS
        if field == "input_weights":
            bias[: len(weights)] += sums << input_shift
        else:
            bias[-len(weights) :] += sums
    return {"bias": bias.astype("<i4"), **{field: plain_rows(_rows(weights)) for field, weights in matrices.items()}}


def _rows(weights):
    """A matrix [gates, units, columns] as rows."""
    gates, units, columns = weights.shape
    return weights.reshape(gates * units, columns)


def _bytes_of(weights, sums, largest):
    """A matrix [gates, units, columns] as the device keeps it; weights that no row is summed of stay as they are."""
    if not sums:
        return weights.ravel().astype("i1").view("u1")
    columns = weights.shape[2]
    if columns * largest >= LARGEST_COLUMN_SUM:
        raise ValueError(f"{columns} columns of codes up to {largest}: at most {(LARGEST_COLUMN_SUM - 1) // largest}")
    return pack_rows(_rows(weights))
