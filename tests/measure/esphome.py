"""Prints docs/esphome.md's figures: python -m tests.measure.esphome [RECIPE]

Features: the equations of train/micro.py against the front end itself, on recordings of people in DATA, in codes.

Graphs: one keyword of each shipped network, and of random networks of other cells, in TFLite Micro over 1,000 hops of synthetic
sound: size, arena, and the distance of the probability from that of the integers that ship and of the float model, in units of
2^-8.  Their features are those of the C front end; a graph does not depend on them.

With a RECIPE, of a wake word: the files of `make esphome` on people who say it, from the front end itself to the component's
decision: each recording once, 2 s of faint noise around it; and false accepts in read English.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from calibration.models import load_model
from calibration.significance import wilson
from calibration.streams.words import recorded_files
from export.artefacts import comparison_features
from export.esphome.component import STEP_MS, cutoff_of, detected_hops
from export.esphome.graph import streaming_graph
from export.esphome.hearing import FrontEnd, MicroGraph, features_of
from export.esphome.manifest import Manifest
from export.esphome.probability import probabilities_of
from export.tflm import arena_bytes_of
from firmware.audio.recordings import read_recording
from firmware.command import run_command
from firmware.files import read_json
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.markdown import table
from firmware.paths import build_folder, data_folder
from firmware.recipes import recipe_name
from tests.conftest import random_model, ranges_of
from train.corpora.folders import audio_files
from train.integer_model import LOGIT_UNIT
from train.micro import codes_of_energies, energies_of_pcm

PEOPLE, READ_SPEECH = "wake_words_people", "running_speech/librispeech"
RECORDINGS = 40
SHIPPED = ("commands-6k", "commands-20k", "commands-80k")
OTHERS = {
    "gru, 40 units": dict(cell="gru", units=40, labels=3),
    "lstm, 40 units": dict(cell="lstm", units=40, labels=3),
    "rnn, 40 units": dict(cell="rnn", units=40, labels=3),
}
HEADER = ("network", "file", "arena", "variables", "to the integers: mean", "largest", "to float: mean", "largest")
GAP_SAMPLES = SAMPLE_RATE_HZ
"""Noise before and after a recording."""
NOISE = 3
"""Its RMS in int16 steps, -81 dB of full scale."""


def feature_line():
    """The distance of the equations from the front end."""
    files, errors = sorted(recorded_files(PEOPLE, tell=False)), []
    for path in files[:: len(files) // RECORDINGS]:
        pcm = read_recording(path)
        found = codes_of_energies(energies_of_pcm(Frontend(10, high_hz=7500, kind="micro"), pcm), from_power_up=True)
        errors.append(np.abs(found - features_of(pcm).astype(int)).ravel())
    every = np.concatenate(errors)
    means = [error.mean() for error in errors]
    return (
        f"features of {len(errors)} recordings: mean difference {every.mean():.2f} codes of 256 ({min(means):.2f} to "
        f"{max(means):.2f}), 99th percentile {np.percentile(every, 99):.0f}"
    )


def busiest(logits):
    """The keyword whose probability changes most in logits [hops, labels] in Q5.10."""
    return int(np.argmax([probabilities_of(logits, keyword).std() for keyword in range(logits.shape[1] - 2)]))


def row(name, model):
    """The row of a Model under HEADER."""
    integers, stream = model.quantize(), comparison_features(model)[1]
    by_integers, by_float = integers.run(stream[None])[0][0], model.run(stream[None])[0][0] / LOGIT_UNIT
    keyword = busiest(by_integers)
    content = streaming_graph(model, integers, ranges_of(model), keyword, 1)
    found = MicroGraph(content).hear(stream).astype(int)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.tflite"
        path.write_bytes(content)
        arena = arena_bytes_of(path)
    errors = [np.abs(found - probabilities_of(logits, keyword)) for logits in (by_integers, by_float)]
    distances = [figure for error in errors for figure in (f"{error.mean():.2f}", f"{error.max()}")]
    return name, len(content), arena, len(model.states()), *distances


class Device:
    """One stream through the front end, the graph and the decision of a manifest."""

    def __init__(self, path):
        self.manifest = read_json(path, Manifest)
        self._front_end, self._graph = FrontEnd(), MicroGraph((path.parent / self.manifest.model).read_bytes())
        self._probabilities = []

    def hear(self, pcm):
        """Returns the time heard so far, ms."""
        self._probabilities.append(self._graph.hear(self._front_end.hear(pcm)))
        return sum(map(len, self._probabilities)) * self._graph.stride * STEP_MS

    def detections_ms(self):
        micro = self.manifest.micro
        hops = detected_hops(
            np.concatenate(self._probabilities),
            cutoff_of(micro.probability_cutoff),
            micro.sliding_window_size,
            self._graph.stride,
        )
        return np.array([(hop + 1) * self._graph.stride * STEP_MS for hop in hops])


def people_line(path):
    """Misses and false accepts of the model of a manifest."""
    random, word = np.random.default_rng(0), path.stem
    device, spans = Device(path), []

    def noise():
        return np.rint(random.normal(0, NOISE, GAP_SAMPLES)).astype(np.int16)

    begin = device.hear(noise())
    for file in recorded_files(PEOPLE, [word], tell=False):
        device.hear(read_recording(file))
        end = device.hear(noise())
        spans.append((begin, end))
        begin = device.hear(noise())
    found = device.detections_ms()
    heard = sum(bool(((found > first) & (found <= last)).any()) for first, last in spans)
    low, high = wilson(len(spans) - heard, len(spans))
    others, length_ms = Device(path), 0
    for file in audio_files(data_folder() / READ_SPEECH):
        length_ms = others.hear(read_recording(file))
    return (
        f"{word}, cutoff {device.manifest.micro.probability_cutoff}: {len(spans) - heard} of {len(spans)} people missed "
        f"({low:.1%} to {high:.1%}), {len(others.detections_ms())} false accepts in {length_ms / 3.6e6:.2f} h of read English"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?", default="")
    recipe = parser.parse_args().recipe
    if recipe:
        for path in sorted((build_folder() / recipe_name(recipe) / "esphome").glob("*.json")):
            print(people_line(path))
        return
    print(feature_line())
    models = {name: load_model(name)[0] for name in SHIPPED} | {
        name: random_model(**sizes) for name, sizes in OTHERS.items()
    }
    print(table(HEADER, [row(name, model) for name, model in models.items()]))


if __name__ == "__main__":
    run_command("esphome", main)
