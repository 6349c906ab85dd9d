"""What the gate saves and what it costs: python -m tests.measure.gate RECIPE

Exports RECIPE with and without the gate, plays the stream `test` to both, and prints for each kind the share of hops asleep and,
at each operating point, misses and false accepts with and without; then the instructions of a hop awake and asleep.
"""

import argparse
from dataclasses import replace

from calibration.detector import Detector
from calibration.models import load_calibration, load_model
from calibration.streams.events import read_stream
from calibration.streams.listening import hear_kind
from calibration.streams.measurement import folder_of
from calibration.streams.sweep import score_detected
from export.c_files import write_c
from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.cost.measure import build_counted, measure
from firmware.cost.tables import asleep_table
from firmware.host.binding import SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import recipe_name

SHOWN_CORES = "m0plus", "m4", "m55"


def exported(recipe, gate):
    """The folder of a recipe's C with or without the gate."""
    model, _ = load_model(recipe)
    model = replace(model, frontend=replace(model.frontend, gate=gate))
    folder = build_folder() / f"{recipe}-{'gated' if gate else 'awake'}" / "firmware"
    write_c(model, model.quantize(), Detector.of(load_calibration(recipe, model), model.words), folder)
    return folder


def scores(spotter, recordings, kind):
    """{point: Score} of a kind of stream, and the share of its hops asleep."""
    detector = Detector.of(spotter.model, spotter.model.words)
    heard, decisions = hear_kind(spotter, recordings, detector, kind)
    found = {
        point.name: score_detected(heard, decided) for point, decided in zip(detector.points, decisions, strict=True)
    }
    return found, heard.asleep


def stream_rows(recipe, stream):
    """A row for each kind and operating point."""
    awake, gated = (SpotterC(exported(recipe, gate)) for gate in (False, True))
    for kind, recordings in read_stream(folder_of(stream)[1]).items():
        (before, _), (after, asleep) = (scores(spotter, recordings, kind) for spotter in (awake, gated))
        for point in before:
            pairs = [
                (score.misses, len(score.delays_ms), len(score.false_accepts))
                for score in (before[point], after[point])
            ]
            (missed, said, accepted), (missed_gated, _, accepted_gated) = pairs
            yield kind, point, f"{asleep:.1%}", said, missed, missed_gated, accepted, accepted_gated


def costs(recipe):
    """The value of a cost.json of the gated model on SHOWN_CORES."""
    folder = exported(recipe, True)
    images = {name: build_counted(CORES[name], [folder], folder.parent / name) for name in SHOWN_CORES}
    return {name: {recipe: measure(CORES[name], [folder], image)} for name, image in images.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--stream", default="test")
    given = parser.parse_args()
    recipe = recipe_name(given.recipe)
    print(asleep_table(costs(recipe)).strip())
    header = ["kind", "point", "asleep", "words", "missed", "with the gate", "false accepts", "with the gate"]
    print(table(header, stream_rows(recipe, given.stream)))


if __name__ == "__main__":
    run_command("gate", main)
