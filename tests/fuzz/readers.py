"""Python's readers of files and bytes that others may have made, and strategies for damaged ones.

A reader returns, or raises an error of which `run_command` makes a line: Failure, ValueError or OSError.
"""

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
from firmware.device.monitor import read_lines
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
    """name: of the file; read: takes its path; damaged: a strategy of contents, bytes."""

    name: str
    read: Any
    damaged: Any


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


def read_pictures(path):
    """The pictures of a stream by an index that suits the good one."""
    rows = [(2, PictureRow(offset=0, length=len(PICTURE), word="yes", speaker="ann", split="training"))]
    list(pictures_in(path, path.parent / "index.tsv", rows))


def picture(height=PICTURE_FRAMES):
    content = io.BytesIO()
    Image.new("L", (PICTURE_FRONTEND.bands, height), 90).save(content, "JPEG")
    return content.getvalue()


def json_reader(name, kind, good):
    return Reader(name, lambda path: read_json(path, kind), good)


ANY_JSON = VALUES.map(lambda value: json.dumps(value).encode())
SPOKEN = b"k" * 16 + (3).to_bytes(4, "little") + bytes(4) + b"abcdef"
VOICES = arrays(a=np.zeros((160, STYLE), np.float16))
CLIPS = arrays(codes=np.zeros((9, 40), np.int8), frames=np.array([9]), word=np.array(["yes"]))
POINT = json.dumps({"name": "mine", "thresholds": {"yes": 0.5, "no": 0.25}}).encode()
PICTURE = picture()
PACKED = st.sampled_from([PICTURE, picture(height=9)]) | changed_bytes(PICTURE)
SENSOR = Sensor(20, 100, (Channel("x", -2, 2, 0.001), Channel("current", 0, 10, 0.01)))

READERS = [
    Reader("a.wav", read_recording, changed_bytes(recording("WAV"))),
    Reader("a.flac", read_clip, changed_bytes(recording("FLAC"))),
    Reader("a.aiff", read_recording, changed_bytes(recording("AIFF"))),
    *(
        Reader(f"{name}.toml", lambda path: load_recipe(str(path)), changed_toml(RECIPES / f"{name}.toml"))
        for name in ("commands-6k", "voice-2k", "machine")
    ),
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
    json_reader("soak.json", SoakFigures, ANY_JSON),
    json_reader("thresholds.json", AnomalyCalibration, ANY_JSON),
    json_reader("faults.json", AnomalyEvaluation, ANY_JSON),
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
    Reader("labels.tsv", lambda path: read_table(path, LabelRow), changed_bytes(LABELS)),
    Reader("rows.csv", lambda path: read_csv(path, SENSOR), changed_bytes(ROWS) | ODD_CSV),
    Reader("index.tsv", read_index, changed_bytes(PICTURES)),
    Reader("features.jpgs.xz", read_pictures, PACKED.map(lzma.compress) | changed_bytes(lzma.compress(PICTURE))),
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
