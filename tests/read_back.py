"""Reads the weight codes back from a generated kws_model.c, independently of the code that wrote it.

The byte of each weight is computed by itself, from the drawing in firmware/library/rows.h.
"""

import re

import numpy as np

from train.layers import CELLS

FIELDS = {"input_weights": "W", "recurrent_weights": "U"}
SIZES = ("inputs", "units", "gates", "sums")


def weight_codes_of(path, helium=False):
    """{linear map: int8 [rows, columns]} of a kws_model.c, for a core with or without Helium; ValueError if it has no layers."""
    text = _compiled(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S), helium)
    layers = list(re.finditer(r"\.step = kws_(\w+)_step,(.*?)\.zero", text, flags=re.S))
    if not layers:
        raise ValueError(f"{path}: has no layers; not a whole kws_model.c")
    found = {}
    for layer in layers:
        kind, fields = layer[1], dict(re.findall(r"\.(\w+) = (?:data\.)?(\w+)", layer[2]))
        sizes = {size: int(fields[size]) for size in SIZES}
        if "weights" not in fields:
            continue
        name = fields["weights"].removesuffix("_input_weights")
        for field in FIELDS:
            if f"uint8_t {name}_{field}[" in text:
                found.update(_maps(kind, name, field, _bytes(text, f"{name}_{field}"), helium, **sizes))
    return found


def _compiled(text, helium):
    """C text without the lines that a core with or without Helium does not compile."""
    lines, compiled = [], [True]
    for line in text.splitlines(keepends=True):
        if line.startswith("#if"):
            compiled.append(helium == line.startswith("#ifdef") if "KWS_CORE_HELIUM" in line else True)
        elif line.startswith("#else"):
            compiled[-1] = not compiled[-1]
        elif line.startswith("#endif"):
            compiled.pop()
        elif all(compiled):
            lines.append(line)
    return "".join(lines)


def _maps(kind, layer, field, array, helium, inputs, units, gates, sums):
    """{linear map: int8 codes} in the bytes of one array of a layer."""
    if kind == "depthwise":
        taps = array.view(np.int8).reshape(gates, units)
        return {f"{layer}_tap{frame}": tap for frame, tap in enumerate(taps)}
    columns = inputs if field == "input_weights" else units
    rows = gates * units
    codes = plain(array, rows, columns) if helium else unpacked(array, rows, columns)
    codes = codes.reshape(gates, units, columns)
    if kind not in CELLS:
        return {layer: codes[0]}
    names = CELLS[kind].GATES
    if sums > gates and field == "input_weights":
        names = names[-1:] + names[:-1]
    return {f"{layer}_{FIELDS[field]}{name}": codes[gate] for gate, name in enumerate(names)}


def plain(array, rows, columns):
    """int8 codes [rows, columns] of the bytes for Helium."""
    return array[: rows * columns].view(np.int8).reshape(rows, columns)


def unpacked(array, rows, columns):
    """int8 codes [rows, columns] of packed bytes."""
    codes = np.empty((rows, columns), np.int8)
    for row in range(rows):
        for column in range(columns):
            byte = int(array[_place(row, column, rows, columns)])
            codes[row, column] = byte - 128 if row % 2 == 0 else byte - 256 * (byte > 127)
    return codes


def _place(row, column, rows, columns):
    """The index of a weight among the packed bytes."""
    begin, row_of_four, row_of_pair = row // 4 * 4 * columns, row % 4, row % 2
    if row >= rows // 4 * 4:
        return begin + row_of_four // 2 * 2 * columns + 2 * column + row_of_pair
    if column == columns - 1 and columns % 2:
        return begin + 4 * column + row_of_four
    return begin + column // 2 * 8 + row_of_four // 2 * 4 + column % 2 * 2 + row_of_pair


def _bytes(text, name):
    """uint8: the initializer of an array."""
    return np.array(
        re.search(rf"\.{name} = {{([^}}]*)}}", text)[1].replace("\n", " ").strip(" ,").split(","), int
    ).astype(np.uint8)
