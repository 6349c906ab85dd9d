"""Reads the weight codes back from a generated kws_model.c, as a checker independent of its writer."""

import json
import re

import numpy as np

from train.layers import CELLS

FIELDS = {"input_weights": "W", "recurrent_weights": "U"}


def weight_codes_of(path):
    """{linear map: int8 [rows, columns]} of a kws_model.c; ValueError where it is not one."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    arrays = list(re.finditer(r"int8_t (\w+?)_(input_weights|recurrent_weights)[\[\]0-9]+ = (\{)", text))
    if not arrays:
        raise ValueError(f"{path}: has no weights; not a whole kws_model.c")
    found = {}
    for match in arrays:
        layer, field = match[1], match[2]
        codes = _nested(text, match.start(3))
        kind = layer.rstrip("0123456789")
        if kind in CELLS:
            for index, gate in enumerate(CELLS[kind].GATES):
                found[f"{layer}_{FIELDS[field]}{gate}"] = codes[:, index]
        elif kind == "depthwise":
            found.update({f"{layer}_tap{frame}": codes[:, frame, 0] for frame in range(codes.shape[1])})
        else:
            found[layer] = codes[:, 0]
    return found


def _nested(text, start):
    """The braced initializer that begins at text[start], as int8."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            literal = re.sub(r",(\s*])", r"\1", text[start : place + 1].replace("{", "[").replace("}", "]"))
            return np.array(json.loads(literal), np.int8)
    raise ValueError("an initializer does not end")
