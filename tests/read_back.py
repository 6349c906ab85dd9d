"""Reads the weight codes back from a generated kws_model.c, as a checker independent of its writer."""

import json
import re

import numpy as np

FIELDS = {"input_weights": "W", "recurrent_weights": "U"}


def weight_codes_of(path):
    """{linear map: int8 [rows, columns]} of a kws_model.c of a GRU; ValueError where it is not one."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    found = {}
    for field in (*FIELDS, "weights"):
        place = re.search(rf"\.{field} = (\{{)", text)
        if not place:
            raise ValueError(f"{path}: has no .{field}; not a whole kws_model.c")
        found[field] = _nested(text, place.start(1))
    codes = {
        f"{letter}{gate}": found[field][:, index]
        for field, letter in FIELDS.items()
        for index, gate in enumerate("rzn")
    }
    return {**codes, "logits": found["weights"]}


def _nested(text, start):
    """The braced initializer that begins at text[start], as int8."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            literal = re.sub(r",(\s*])", r"\1", text[start : place + 1].replace("{", "[").replace("}", "]"))
            return np.array(json.loads(literal), np.int8)
    raise ValueError("an initializer does not end")
