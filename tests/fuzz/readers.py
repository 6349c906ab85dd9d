"""Python's readers of files and bytes that others may have made, and strategies for damaged ones.

A reader returns, or raises an error of which `run_command` makes a line: Failure, ValueError or OSError.
"""

import contextlib
import io
import json
import lzma
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from calibration.anomaly.records import AnomalyCalibration, AnomalyEvaluation
from calibration.detector import Detector
from calibration.operating_points import read_point
from calibration.records import Calibration, Evaluation, Look, Seeds, StreamFigures
from calibration.soak.records import SoakFigures
from calibration.streams.build import Made
from calibration.streams.description import load_description
from calibration.streams.events import read_events
from calibration.streams.running_speech import SentenceRow
from firmware.audio.recordings import read_clip, read_recording
from firmware.command import Failure
from firmware.cost.budget import BUDGET, Budget
from firmware.device.captures import Captures
from firmware.device.monitor import PortError, read_lines
from firmware.files import read_json
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import RECIPES, ROOT
from firmware.sensor import Channel, Sensor, read_csv
from tests.fuzz.contents import (
    ODD_CSV,
    SHIPPED,
    VALUES,
    archives,
    arrays,
    changed_bytes,
    changed_checkpoint,
    changed_json,
    changed_toml,
    changed_weights,
    recording,
)
from tests.toy import toy_clips
from train.anomaly.sound import LabelRow
from train.checkpoint import model_in
from train.corpora import read_clips
from train.corpora.lines import Lines
from train.corpora.logmel import PICTURE_FRAMES, PICTURE_FRONTEND, PictureRow, pictures_in, read_index
from train.corpora.table import read_table
from train.download import unpack
from train.model import Model
from train.recipe import load_recipe
from train.synthesizers.kokoro import read_styles
from train.synthesizers.kokoro_voices import STYLE, styles_in
from train.synthesizers.spoken_clips import SpokenClips
from train.train_json import TrainJson

REFUSALS = Failure, ValueError, OSError, MemoryError
TABLE = b"path\tstart_ms\tend_ms\tword\nmine/a.wav\t100\t700\tyes\nmine/a.wav\t2000\t2400\tno\n"
PICTURES = b"offset\tlength\tword\tspeaker\tsplit\n0\t90\tyes\tann\ttraining\n90\t80\tno\tbob\tvalidation\n"
CAPTURE = b"Heard yes (0.93) @ 1240 ms\r\nCapture microphone, 2 samples\r\n+AAD9/w==\r\nCapture end 8df5c4b6\r\n"
LABELS = b"file\tfault\tonset\na.wav\tbearing\t3.5\nb.wav\tnormal\t0\n"
ROWS = b"time,x,current\n" + b"".join(b"%.2f,%.3f,4.2\n" % (row / 100, row % 7 / 9) for row in range(20))


@dataclass(frozen=True)
class Reader:
    """name: of the file; read: takes its path; good: bytes that it reads, if any are at hand; damaged: a strategy of others."""

    name: str
    read: Any
    good: bytes | None
    damaged: Any

    @classmethod
    def of(cls, name, read, good, others=None):
        """Of a good content, which is changed byte by byte, and a strategy of other contents."""
        changed = changed_bytes(good)
        return cls(name, read, good, changed if others is None else changed | others)


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
        name, in_waiting = str(path), 7 if path.stat().st_size % 2 else 4095
        bytes = io.BytesIO(path.read_bytes())

        def read(self, size):
            got = self.bytes.read(size)
            if not got:
                raise OSError("end")
            return got

    captures = Captures(path.parent / "captures")
    with contextlib.suppress(PortError):
        for line in read_lines(Port()):
            told = captures.take(line)
            assert not told or told.isprintable(), f"a line can control the terminal: {told!r}"


def read_spoken(path):
    clips = SpokenClips(path.parent)
    for key in clips.places:
        clips.get(key)


def read_pictures(path):
    """The pictures of a stream by an index that suits the good one."""
    rows = [(2, PictureRow(offset=0, length=len(PICTURE), word="yes", speaker="ann", split="training"))]
    list(pictures_in(path, path.parent / "index.tsv", rows))


def picture(height=PICTURE_FRAMES):
    content = io.BytesIO()
    Image.new("L", (PICTURE_FRONTEND.bands, height), 90).save(content, "JPEG")
    return content.getvalue()


def json_reader(name, kind, path=None):
    """path: of a good file; without one, any JSON."""
    if path is None:
        return Reader(name, lambda path: read_json(path, kind), None, ANY_JSON)
    return Reader.of(name, lambda path: read_json(path, kind), *good_json(path))


def good_json(path):
    """A good content and other ones."""
    return path.read_bytes(), changed_json(path)


def toml_reader(name, read, path):
    return Reader.of(name, lambda path: read(str(path)), path.read_bytes(), changed_toml(path))


def table_reader(name, kind, good):
    return Reader.of(name, lambda path: read_table(path, kind), good)


ANY_JSON = VALUES.map(lambda value: json.dumps(value).encode())
SPOKEN = b"k" * 16 + (3).to_bytes(4, "little") + bytes(4) + b"abcdef"
VOICES = arrays(a=np.zeros((160, STYLE), np.float16))
CLIPS = arrays(**toy_clips(per_word=2).arrays())
POINT = json.dumps({"name": "mine", "thresholds": {"yes": 0.5, "no": 0.25}}).encode()
SENTENCES = "".join(
    f"{word} is number {place}\n" for place, word in enumerate(["good", "day", "to", "you"] * 40)
).encode()
PICTURE = picture()
PACKED = (st.just(picture(height=9)) | changed_bytes(PICTURE)).map(lzma.compress)
SENSOR = Sensor(20, 100, (Channel("x", -2, 2, 0.001), Channel("current", 0, 10, 0.01)))

READERS = [
    Reader.of("a.wav", read_recording, recording("WAV")),
    Reader.of("a.flac", read_clip, recording("FLAC")),
    Reader.of("a.aiff", read_recording, recording("AIFF")),
    Reader.of("a.ogg", read_recording, recording("OGG")),
    Reader.of("a.mp3", read_recording, recording("MP3")),
    Reader.of("a.caf", read_recording, recording("CAF")),
    *(
        toml_reader(f"{name}.toml", load_recipe, RECIPES / f"{name}.toml")
        for name in ("commands-6k", "voice-2k", "machine")
    ),
    toml_reader("stream.toml", load_description, ROOT / "calibration/streams/small.toml"),
    Reader.of(MODEL_JSON, read_model_folder, *good_json(SHIPPED / MODEL_JSON)),
    Reader.of("calibration.json", read_calibration, *good_json(SHIPPED / "calibration.json")),
    json_reader("train.json", TrainJson, SHIPPED / "train.json"),
    json_reader("looks.json", list[Look], SHIPPED / "looks.json"),
    json_reader("budget.json", Budget, BUDGET),
    json_reader("evaluation.json", Evaluation),
    json_reader("figures.json", StreamFigures),
    json_reader("seeds.json", Seeds),
    json_reader("soak.json", SoakFigures),
    json_reader("thresholds.json", AnomalyCalibration),
    json_reader("faults.json", AnomalyEvaluation),
    json_reader("made.json", Made),
    Reader.of("point.json", lambda path: read_point(path, ("yes", "no")), POINT, ANY_JSON),
    Reader("checkpoint.pt", model_in, None, changed_checkpoint()),
    Reader.of("weights.npz", Model.load, (SHIPPED / "weights.npz").read_bytes(), changed_weights()),
    Reader.of("clips.npz", read_clips, CLIPS),
    Reader.of("events.tsv", lambda path: read_events(path, {"mine/a.wav": 5000.0}), TABLE),
    table_reader("sentences.tsv", SentenceRow, b"file\ttranscript\na.wav\tgood day\n"),
    table_reader("labels.tsv", LabelRow, LABELS),
    Reader.of("rows.csv", lambda path: read_csv(path, SENSOR), ROWS, ODD_CSV),
    Reader.of("index.tsv", read_index, PICTURES),
    Reader.of("features.jpgs.xz", read_pictures, lzma.compress(PICTURE), PACKED),
    Reader.of("lines.txt", lambda path: Lines(path, ("yes",), "training"), SENTENCES),
    Reader("a.tar.gz", lambda path: unpack(path, path.parent / "unpacked"), None, archives()),
    Reader("voices.tgz", styles_in, None, archives()),
    Reader.of("voices.npz", read_styles, VOICES),
    Reader.of("serial", read_serial, CAPTURE),
    Reader.of("a.clips", read_spoken, SPOKEN),
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
