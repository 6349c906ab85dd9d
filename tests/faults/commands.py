"""The commands that change files, on two versions of what they read: the old one, whose outputs stand, and the new one."""

import importlib
import json
import shutil
from dataclasses import dataclass

from firmware.paths import MODELS
from tests.recordings import record, record_mine

SHIPPED = "commands-6k"
RECIPE = """
keywords = ["yes"]
units = 8
seed = {seed}

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
EVENTS = "path\tstart_ms\tend_ms\tword\ntalk/one.wav\t100\t600\tyes\n"


@dataclass(frozen=True)
class Command:
    """A module that is run with arguments after those in `needs`.

    In an argument {given} is the folder of what is read alone, {work} that of all that is made.
    """

    module: str
    arguments: tuple
    needs: tuple = ()

    def argv(self, **folders):
        return [argument.format(**folders) for argument in self.arguments]

    def load(self):
        """Import it, so that its children need not."""
        if hasattr(importlib.import_module(self.module), "__path__"):
            importlib.import_module(f"{self.module}.__main__")


COMMANDS = {
    "train": Command("train", ("{given}/own.toml",)),
    "calibrate": Command("calibration.calibrate", ("{given}/own.toml",), ("train",)),
    "export": Command("export", (SHIPPED,)),
    "evaluate": Command("calibration.evaluate", (SHIPPED, "{given}/data/mine"), ("export",)),
    "stream": Command("calibration.streams", (SHIPPED, "{given}/long"), ("export",)),
    "plots": Command("calibration.plots", (SHIPPED,), ("evaluate",)),
    "report": Command("calibration.report", (SHIPPED,), ("export", "evaluate", "stream")),
    "ship": Command("export.ship", (SHIPPED, "--into", "{work}/shipped"), ("export",)),
    "package": Command("firmware.package", (SHIPPED,), ("export",)),
    "firmware": Command("firmware.image", (SHIPPED, "pico"), ("export",)),
    "page": Command("firmware.page", (SHIPPED,), ("export",)),
}


def prepare(given, work, version):
    """What the commands read; version: 0 is old, 1 is new."""
    shutil.rmtree(work / "build" / "own", ignore_errors=True)  # a training of another recipe is not continued
    (given / "own.toml").write_text(RECIPE.format(seed=version))
    record_mine(given / "data")
    if version:
        record(given / "data" / "mine" / "yes" / "other_yes.wav", seed=99)
    for place in range(4):
        record(given / "data" / "mine" / "_background_noise_" / f"hum{place}.wav", 20, 100, seed=50 + place)
    record(given / "long" / "talk" / "one.wav", 10 + version)
    (given / "long" / "events.tsv").write_text(EVENTS)
    built = work / "build" / SHIPPED
    built.mkdir(parents=True, exist_ok=True)
    shutil.copy(MODELS / SHIPPED / "looks.json", built)
    trained = json.loads((MODELS / SHIPPED / "train.json").read_text())
    trained["history"][0]["loss"] += version
    (built / "train.json").write_text(json.dumps(trained))
    calibration = json.loads((MODELS / SHIPPED / "calibration.json").read_text())
    for point in calibration["operating_points"]:
        point["thresholds"] = {word: value - version * 0.01 for word, value in point["thresholds"].items()}
    (built / "calibration.json").write_text(json.dumps(calibration))
