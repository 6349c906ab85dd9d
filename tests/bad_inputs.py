"""A folder for one bad input to one command, and the kinds of bad inputs."""

import json
import shutil

import numpy as np
import soundfile

from firmware.paths import MODELS

RECIPE = """
keywords = ["yes", "stop"]
units = 8

[features]
mean_level = 85
right_shift = 6

[[corpora]]
kind = "folder"
name = "mine"

[training]
epochs = 1
windows = 4
batch = 4
"""
TONE = np.rint(8000 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
COMMANDS = {
    "train": "train",
    "calibrate": "calibration.calibrate",
    "export": "export",
    "ship": "export.ship",
    "evaluate": "calibration.evaluate",
    "stream": "calibration.streams",
    "misses": "calibration.streams.misses",
    "soak": "calibration.soak",
    "report": "calibration.report",
    "plots": "calibration.plots",
    "firmware": "firmware.image",
    "emulate": "firmware.emulate",
    "flash": "firmware.device.flash",
    "monitor": "firmware.device.monitor",
    "listen": "firmware.listen",
    "package": "firmware.package",
    "selftest": "firmware.image.selftest",
    "hear": "tests.measure.hear",
    "rounding": "tests.measure.rounding",
    "peers": "tests.measure.peers",
    "seeds": "tests.measure.seeds",
}
SHIPPED = "commands-6k"


class Bench:
    """A folder with BUILD, DATA, a user's recipe, and the files of a case."""

    def __init__(self, folder):
        self.folder, self.build, self.data = folder, folder / "build", folder / "data"
        self.build.mkdir()
        self.data.mkdir()

    def own(self, old="", new="", content=None):
        """own.toml with one setting changed, or with other content."""
        path = self.folder / "own.toml"
        assert old in RECIPE
        path.write_bytes(RECIPE.replace(old, new, 1).encode() if content is None else content)
        return str(path)

    def recording(self, name, samples=TONE, rate_hz=16_000, content=None, **settings):
        """A recording in the folder, or a file with other content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            soundfile.write(path, samples, rate_hz, **settings)
        else:
            path.write_bytes(content)
        return str(path)

    def mine(self, name, **what):
        """A user's corpus that is good except for one recording, `name`."""
        for word in ("yes", "stop", "house"):
            for speaker in ("ann", "bob", "eve", "joe", "kim", "lee"):
                noise = np.random.default_rng(len(word) + ord(speaker[0])).integers(-3000, 3000, 16_000)
                self.recording(f"data/mine/{word}/{speaker}_1.wav", noise.astype(np.int16))
        self.recording("data/mine/_background_noise_/hum.wav", np.tile(TONE, 20))
        self.recording(f"data/mine/{name}", **what)
        return self.own()

    def shipped(self, file, **keys):
        """A copy of a shipped model in BUILD with changed keys in one file; not exported, so no file is newer than another."""
        folder = self.build / SHIPPED / "firmware"
        folder.parent.mkdir(exist_ok=True)
        shutil.copytree(MODELS / SHIPPED, folder)
        for name in ("calibration.json", "train.json", "looks.json"):
            shutil.copy(folder / name, folder.parent)
        path = folder / file if file.startswith(("model", "kws")) else folder.parent / file
        if file.endswith(".json") and keys:
            path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))
        return path

    def stream(self, table):
        """A folder with one recording of ten seconds and its events.tsv."""
        self.recording("long/talk/one.wav", np.tile(TONE, 10))
        content = table if isinstance(table, bytes) else table.encode()
        (self.folder / "long" / "events.tsv").write_bytes(content)
        return str(self.folder / "long")


def events(*rows):
    return "\n".join(["path\tstart_ms\tend_ms\tword", *("\t".join(map(str, row)) for row in rows)]) + "\n"


def no_recipe(command, *more):
    return f"{command}: no such recipe", command, lambda bench: (["nowhere", *more], "nowhere")


def recipe(name, old="", new="", culprit="own", content=None):
    return name, "train", lambda bench: ([bench.own(old, new, content)], culprit)


def mine(name, file, culprit=None, **what):
    return name, "train", lambda bench: ([bench.mine(file, **what)], culprit or file.rsplit("/", 1)[-1])


def heard(command, name, file="a.wav", culprit=None, **what):
    def case(bench):
        path = bench.recording(file, **what)
        return [SHIPPED, *(["--wav", path, "--fast"] if command == "listen" else [path])], culprit or file

    return f"{command}: {name}", command, case


def stream(name, table, culprit="events.tsv"):
    return f"events: {name}", "stream", lambda bench: ([SHIPPED, bench.stream(table)], culprit)


def damaged(name, command, file, content=None, more=(), **keys):
    """A file in BUILD that is cut short or has a wrong key."""

    def case(bench):
        path = bench.shipped(file, **keys)
        if not keys:
            path.write_bytes(path.read_bytes()[:50] if content is None and path.exists() else content or b"{")
        return [SHIPPED, *more], file

    return name, command, case


def given(command, name, *argv, culprit):
    return f"{command}: {name}", command, lambda bench: ([*argv], culprit)
