"""Strategies of damaged contents: bytes, JSON, TOML, weights, checkpoints, recordings, archives."""

import csv
import io
import json
import tarfile
import tempfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import torch
from hypothesis import strategies as st

from firmware.paths import MODELS
from tests.toy import toy_clips, toy_recipe, trained
from train.checkpoint import save_checkpoint

SHIPPED = MODELS / "commands-6k"
PCM = (3000 * np.sin(np.arange(4000) / 5)).astype(np.int16)

ODD_NUMBERS = [0, -1, 1, 2**31, 2**63, 10**40, 0.5, -0.0, 1e308, 1e999, float("nan"), 65535]
PLAIN = st.one_of(
    st.none(), st.booleans(), st.sampled_from(ODD_NUMBERS), st.integers(), st.text(max_size=9), st.just([]), st.just({})
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@st.composite
def changed_bytes(draw, good):
    """Bytes that were good: some overwritten, a part cut out, the end cut off, or others altogether."""
    content = bytearray(draw(good) if isinstance(good, st.SearchStrategy) else good)
    if draw(st.integers(0, 19)) == 0:
        return draw(st.binary(max_size=200))
    for _ in range(draw(st.integers(0, 4))):
        place, change = draw(st.integers(0, len(content))), draw(st.binary(min_size=1, max_size=8))
        content[place : place + draw(st.sampled_from([len(change), 0, 64]))] = change
    return bytes(content[: draw(st.sampled_from([None, None, draw(st.integers(0, len(content)))]))])


def places(value, at=()):
    """The way to each value in a tree of dicts and lists, and to the tree itself."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*at, key))


def put(value, at, other):
    """The tree with another value at one place; with none there for ellipsis."""
    if not at:
        return None if other is ... else other
    copy = dict(value) if isinstance(value, dict) else list(value)
    if other is ... and len(at) == 1:
        del copy[at[0]]
    else:
        copy[at[0]] = put(value[at[0]], at[1:], other)
    return copy


@st.composite
def changed_tree(draw, good, values=VALUES):
    """A tree with values exchanged, removed or added."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(list(places(good))))
        good = put(good, at, draw(st.just(...) | values))
        if isinstance(good, dict) and draw(st.integers(0, 9)) == 0:
            good = {**good, draw(st.text(max_size=5)): draw(values)}
    return good


def changed_json(path):
    """JSON text of a file's value, changed."""
    return changed_tree(json.loads(path.read_bytes())).map(lambda value: json.dumps(value).encode())


def toml_value(value):
    """A value as TOML; what TOML has not, none and dicts with odd keys, as something near."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


def changed_toml(path):
    """TOML text of a file's value, changed."""

    def text(value):
        table = value if isinstance(value, dict) else {"value": value}
        lines = (f"{json.dumps(key)} = {toml_value(part)}\n" for key, part in table.items())
        return "".join(lines).encode("utf-8", "surrogatepass")

    return changed_tree(tomllib.loads(path.read_text())).map(text)


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def npy_header(*shape):
    """Of an array of float32 of which nothing else is there."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return content.getvalue()


@st.composite
def changed_weights(draw):
    """weights.npz of a model that ships, with changed arrays or another description."""
    with np.load(SHIPPED / "weights.npz") as file:
        members = dict(file)
    name = draw(st.sampled_from(sorted(members)))
    if name == "about":
        changed = np.array(json.dumps(draw(changed_tree(json.loads(str(members[name]))))))
    else:
        odd = [
            np.zeros(0),
            np.zeros((2, 3, 4), "c16"),
            np.array("text"),
            np.full(members[name].shape, np.nan),
            members[name][..., :1],
            members[name].astype("f8"),
            members[name].astype("M8[s]"),
        ]
        changed = draw(st.sampled_from(odd))
    contents = {other: npy(array) for other, array in members.items()}
    contents[name] = draw(
        st.just(npy(changed)) | st.sampled_from([npy_header(10**12), npy_header(3, 2**40), npy_header()])
    )
    if draw(st.integers(0, 4)) == 0:
        del contents[draw(st.sampled_from(sorted(contents)))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for other, content in contents.items():
            file.writestr(f"{other}.npy", content)
    return packed.getvalue()


@cache
def good_checkpoint():
    """The bytes of a finished toy's checkpoint."""
    trainer = trained(toy_recipe("epochs = 4", "epochs = 1").model_copy(), toy_clips(per_word=5))
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(Path(folder) / "checkpoint.pt", trainer)
        return (Path(folder) / "checkpoint.pt").read_bytes()


TENSORS = [
    torch.zeros(0),
    torch.zeros(2, 3, dtype=torch.complex64),
    torch.full((8, 8), float("nan")),
    torch.zeros(3, 4).to_sparse(),
    torch.zeros(3, device="meta"),
    torch.zeros(3, dtype=torch.bool),
]


@st.composite
def changed_checkpoint(draw):
    """A checkpoint with other tensors or values; or its bytes, changed."""
    if draw(st.booleans()):
        return draw(changed_bytes(good_checkpoint()))
    kept = torch.load(io.BytesIO(good_checkpoint()), weights_only=True)
    tree = draw(changed_tree(dict(kept), VALUES | st.sampled_from(TENSORS)))
    content = io.BytesIO()
    torch.save(tree, content)
    return content.getvalue()


def recording(format, **settings):
    content = io.BytesIO()
    soundfile.write(content, PCM, 16_000, format=format, **settings)
    return content.getvalue()


@st.composite
def archives(draw):
    """A .tar.gz whose members have odd names, kinds and sizes; or its bytes, changed."""
    names = st.sampled_from(
        ["a", "a/b", "../a", "/etc/a", "A", "a\\b", "", ".", "a\nb", "é" * 90, "package/voices/x.bin"]
    )
    kinds = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for _ in range(draw(st.integers(0, 4))):
            member, data = tarfile.TarInfo(draw(names)), draw(st.binary(max_size=50))
            member.type, member.linkname = draw(kinds), draw(names)
            member.size = len(data) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(data))
    return draw(changed_bytes(content.getvalue()) | st.just(content.getvalue()))


def csv_rows(cells):
    """Lists of cells as CSV, quoted where it must be."""
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue().encode("utf-8", "surrogatepass")


CELLS = st.sampled_from(["x", "current", "time", "a\nb", "1", "-2.5", "1e308", "nan", ""]) | st.text(max_size=5)
ODD_CSV = st.lists(st.lists(CELLS, max_size=4), max_size=4).map(csv_rows)


def arrays(**named):
    content = io.BytesIO()
    np.savez(content, **named)
    return content.getvalue()
