"""Python's readers of files and bytes that others may have made, and strategies for damaged ones.

A reader returns, or raises an error of which `run_command` makes a line: Failure, ValueError or OSError.
"""

import io
import json
import shutil
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from hypothesis import strategies as st

from calibration.detector import Detector
from calibration.operating_points import read_point
from calibration.records import Calibration, Evaluation, Look, Seeds, StreamFigures
from calibration.streams.build import Made
from calibration.streams.description import load_description
from calibration.streams.events import read_events
from calibration.streams.running_speech import SentenceRow
from firmware.audio.recordings import read_clip, read_recording
from firmware.command import Failure
from firmware.cost.budget import BUDGET, Budget
from firmware.device.captures import Captures
from firmware.device.monitor import read_lines
from firmware.files import read_json
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS, RECIPES, ROOT
from tests.toy import toy_clips, toy_recipe, trained
from train.checkpoint import model_in, save_checkpoint
from train.corpora import read_clips
from train.corpora.lines import Lines
from train.corpora.logmel import read_index
from train.corpora.table import read_table
from train.download import unpack
from train.model import Model
from train.recipe import load_recipe
from train.synthesizers.kokoro import read_styles
from train.synthesizers.kokoro_voices import STYLE, styles_in
from train.synthesizers.spoken_clips import SpokenClips
from train.train_json import TrainJson

SHIPPED = MODELS / "commands-6k"
REFUSALS = Failure, ValueError, OSError, MemoryError
PCM = (3000 * np.sin(np.arange(4000) / 5)).astype(np.int16)
TABLE = b"path\tstart_ms\tend_ms\tword\nmine/a.wav\t100\t700\tyes\nmine/a.wav\t2000\t2400\tno\n"
PICTURES = b"offset\tlength\tword\tspeaker\tsplit\n0\t90\tyes\tann\ttraining\n90\t80\tno\tbob\tvalidation\n"
CAPTURE = b"Heard yes (0.93) @ 1240 ms\r\nCapture microphone, 2 samples\r\n+AAD9/w==\r\nCapture end 8df5c4b6\r\n"


@dataclass(frozen=True)
class Reader:
    """name: of the file; read: takes its path; damaged: a strategy of contents, bytes."""

    name: str
    read: Any
    damaged: Any


# --- contents

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
    """JSON text of a file's value, changed; or its bytes, changed."""
    good = path.read_bytes()
    return changed_tree(json.loads(good)).map(lambda value: json.dumps(value).encode()) | changed_bytes(good)


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
    """TOML text of a file's value, changed; or its bytes, changed."""
    good = path.read_bytes()

    def text(value):
        table = value if isinstance(value, dict) else {"value": value}
        lines = (f"{json.dumps(key)} = {toml_value(part)}\n" for key, part in table.items())
        return "".join(lines).encode("utf-8", "surrogatepass")

    return changed_tree(tomllib.loads(good.decode())).map(text) | changed_bytes(good)


@st.composite
def changed_weights(draw):
    """weights.npz of a model that ships, with changed arrays or another description; or its bytes, changed."""
    path = SHIPPED / "weights.npz"
    if draw(st.booleans()):
        return draw(changed_bytes(path.read_bytes()))
    with np.load(path) as file:
        arrays = dict(file)
    name = draw(st.sampled_from(sorted(arrays)))
    if name == "about":
        arrays[name] = np.array(json.dumps(draw(changed_tree(json.loads(str(arrays[name]))))))
    else:
        odd = [
            np.zeros(0),
            np.zeros((2, 3, 4), "c16"),
            np.array("text"),
            np.full(arrays[name].shape, np.nan),
            arrays[name][..., :1],
        ]
        arrays[name] = draw(st.sampled_from([*odd, arrays[name].astype("f8"), arrays[name].astype("M8[s]")]))
    if draw(st.integers(0, 4)) == 0:
        del arrays[draw(st.sampled_from(sorted(arrays)))]
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


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


def arrays(**named):
    content = io.BytesIO()
    np.savez(content, **named)
    return content.getvalue()


# --- readers


def read_model_folder(path):
    """model.json beside the C that it was exported with."""
    for name in MODEL_C:
        shutil.copy(SHIPPED / name, path.parent)
    model = read_model_json(path.parent)
    Detector.of(model, model.words)


def read_calibration(path):
    calibration = read_json(path, Calibration)
    Detector.of(calibration, tuple(calibration.operating_points[0].thresholds) if calibration.operating_points else ())


def read_serial(path):
    """The bytes as a board sends them; the monitor ends where the port does."""

    class Port:
        name, in_waiting = str(path), 7
        bytes = io.BytesIO(path.read_bytes())

        def read(self, size):
            got = self.bytes.read(size)
            if not got:
                raise OSError("end")
            return got

    captures = Captures(path.parent / "captures")
    for line in read_lines(Port()):
        told = captures.take(line)
        if told and not told.isprintable():
            raise AssertionError(f"a line can control the terminal: {told!r}")


def read_spoken(path):
    clips = SpokenClips(path.parent)
    for key in clips.places:
        clips.get(key)


def json_reader(name, kind, good):
    return Reader(name, lambda path: read_json(path, kind), good)


ANY_JSON = VALUES.map(lambda value: json.dumps(value).encode())
SPOKEN = b"k" * 16 + (3).to_bytes(4, "little") + bytes(4) + b"abcdef"
VOICES = arrays(a=np.zeros((160, STYLE), np.float16))
CLIPS = arrays(codes=np.zeros((9, 40), np.int8), frames=np.array([9]), word=np.array(["yes"]))
POINT = json.dumps({"name": "mine", "thresholds": {"yes": 0.5, "no": 0.25}}).encode()

READERS = [
    Reader("a.wav", read_recording, changed_bytes(recording("WAV"))),
    Reader("a.flac", read_clip, changed_bytes(recording("FLAC"))),
    Reader("a.aiff", read_recording, changed_bytes(recording("AIFF"))),
    Reader("own.toml", lambda path: load_recipe(str(path)), changed_toml(RECIPES / "commands-6k.toml")),
    Reader(
        "stream.toml", lambda path: load_description(str(path)), changed_toml(ROOT / "calibration/streams/small.toml")
    ),
    Reader(MODEL_JSON, read_model_folder, changed_json(SHIPPED / MODEL_JSON)),
    Reader("calibration.json", read_calibration, changed_json(SHIPPED / "calibration.json")),
    json_reader("train.json", TrainJson, changed_json(SHIPPED / "train.json")),
    json_reader("looks.json", list[Look], changed_json(SHIPPED / "looks.json")),
    json_reader("budget.json", Budget, changed_json(BUDGET)),
    json_reader("evaluation.json", Evaluation, ANY_JSON),
    json_reader("figures.json", StreamFigures, ANY_JSON),
    json_reader("seeds.json", Seeds, ANY_JSON),
    json_reader("made.json", Made, ANY_JSON),
    Reader("point.json", lambda path: read_point(path, ("yes", "no")), changed_bytes(POINT) | ANY_JSON),
    Reader("checkpoint.pt", model_in, changed_checkpoint()),
    Reader("weights.npz", Model.load, changed_weights()),
    Reader("clips.npz", read_clips, changed_bytes(CLIPS)),
    Reader("events.tsv", lambda path: read_events(path, {"mine/a.wav": 5000.0}), changed_bytes(TABLE)),
    Reader(
        "sentences.tsv",
        lambda path: read_table(path, SentenceRow),
        changed_bytes(b"file\ttranscript\na.wav\tgood day\n"),
    ),
    Reader("index.tsv", read_index, changed_bytes(PICTURES)),
    Reader("lines.txt", lambda path: Lines(path, ("yes",), "training"), changed_bytes(b"good day to you\n" * 9)),
    Reader("a.tar.gz", lambda path: unpack(path, path.parent / "unpacked"), archives()),
    Reader("voices.tgz", styles_in, archives()),
    Reader("voices.npz", read_styles, changed_bytes(VOICES)),
    Reader("serial", read_serial, changed_bytes(CAPTURE)),
    Reader("a.clips", read_spoken, changed_bytes(SPOKEN)),
]


def require_refusal(reader, content, folder):
    """Let a reader read a content; AssertionError unless it does or refuses it in words that name the file."""
    path = Path(folder) / reader.name
    path.write_bytes(content)
    try:
        reader.read(path)
    except REFUSALS as error:
        text = str(error)
        assert path.name in text or str(folder) in text, f"{reader.name}: {type(error).__name__} names no file: {text}"
        assert "\n" not in text or reader.name.endswith((".toml", ".tsv")), f"{reader.name}: more than a line: {text}"
