"""What a gate saves and what it costs: python -m tests.measure.gate RECIPE [--voice RECIPE]

Plays the stream `test` to RECIPE with and without a gate and prints for each kind the share of hops asleep and, at each operating
point, misses and false accepts with and without; then the instructions of a hop awake and asleep.  The gate is that of the front
end, with which RECIPE is exported anew; or, with --voice, a model of voice in the same image, at its operating point --point.
With --states, misses and false accepts at the first point of RECIPE are printed instead, by the state in which its network wakes.
"""

import argparse
from dataclasses import replace

import numpy as np

from calibration.detector import Detector
from calibration.models import load_calibration, load_model
from calibration.streams.events import read_stream
from calibration.streams.listening import hear_kind, listen
from calibration.streams.measurement import folder_of
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard, score_detected
from export.c_files import write_c
from firmware.command import run_command
from firmware.cost.measure import TOGETHER, measure_images
from firmware.cost.tables import asleep_table
from firmware.frontend import CODE_ZERO_POINT
from firmware.host.binding import SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import model_folder, recipe_name
from tests.gated import GatedSpotter

SHOWN_CORES = "m0plus", "m4", "m55"
SILENCE_HOPS = 250
"""Of digital silence, after which a state is that of silence."""


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


def counts(score):
    """(keywords said, missed, false accepts) of a Score."""
    return len(score.delays_ms), score.misses, len(score.false_accepts)


def stream_rows(awake, gated, kinds):
    """A row for each kind and operating point of a SpotterC without and one with a gate."""
    for kind, recordings in kinds.items():
        (before, _), (after, asleep) = (scores(spotter, recordings, kind) for spotter in (awake, gated))
        for point in before:
            (said, missed, accepted), (_, missed_gated, accepted_gated) = (
                counts(score[point]) for score in (before, after)
            )
            yield kind, point, f"{asleep:.1%}", said, missed, missed_gated, accepted, accepted_gated


def from_zeros(spotter):
    spotter.reset()


def from_silence(spotter):
    spotter.reset()
    spotter.stream(np.full((SILENCE_HOPS, spotter.frontend.bands), CODE_ZERO_POINT, np.int8))


def continued(spotter):
    """The state in which the network fell asleep."""


def woken_rows(gated, kinds):
    """A row for each kind: misses and false accepts at the first operating point, by the state in which the network wakes."""
    thresholds = Detector.of(gated.model, gated.model.words).points[0].thresholds
    for kind, recordings in kinds.items():
        gated.reset()
        codes, awake, events, hops = [], [], [], 0
        for path, spoken in recordings:
            events += [event.moved(hops * gated.frontend.hop_ms) for event in spoken]
            for trace in listen(gated, path, spoken):
                codes.append(trace.codes)
                awake.append(trace.awake)
                hops += len(trace.awake)
        codes, awake, row = np.concatenate(codes), np.concatenate(awake), [kind]
        runs = np.split(np.arange(len(awake)), np.flatnonzero(np.diff(awake)) + 1)
        for begin in (from_zeros, from_silence, continued):
            spotter, logits = gated.spotter, np.zeros((len(awake), len(gated.labels)), np.int16)
            spotter.reset()
            spotter.set_thresholds(thresholds)
            for run in runs:
                if awake[run[0]]:
                    begin(spotter)
                    logits[run] = spotter.stream(codes[run])
            heard = Heard(
                np.empty((len(awake), 0)), gated.frontend.hop_ms, gated.model.words, Said.of(events, gated.model.words)
            )
            said, missed, accepted = counts(score_detected(heard, spotter.detect(logits, awake)))
            row += [f"{missed} of {said}, {accepted}"]
        yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--voice", help="recipe of the model of voice that is the gate")
    parser.add_argument("--point", default="balanced", help="operating point of the model of voice")
    parser.add_argument("--stream", default="test")
    parser.add_argument("--kinds", nargs="*", help="of the stream; default: all")
    parser.add_argument("--states", action="store_true", help="compare states in which the network wakes; with --voice")
    given = parser.parse_args()
    if given.states and not given.voice:
        parser.error("--states: of a gate by voice; give --voice too")
    recipe = recipe_name(given.recipe)
    kinds = read_stream(folder_of(given.stream)[1])
    kinds = {kind: kinds[kind] for kind in given.kinds or kinds}
    if given.voice:
        folders = [model_folder(recipe_name(given.voice)), model_folder(recipe)]
        voice, awake, gate = SpotterC(folders[0]), SpotterC(folders[1]), f"{given.voice}, {given.point}"
        voice.set_operating_point(given.point)
        gated = GatedSpotter(SpotterC(folders[1]), voice)
    else:
        folders = [exported(recipe, gate) for gate in (False, True)]
        (awake, gated), gate = map(SpotterC, folders), "the gate"
    if given.states:
        print(table(["missed, false accepts", "zeros", "after silence", "continued"], woken_rows(gated, kinds)))
        return
    name = TOGETHER.join((given.voice, recipe)) if given.voice else recipe
    print(asleep_table(measure_images({name: folders if given.voice else folders[1:]}, SHOWN_CORES)).strip())
    header = ["kind", "point", "asleep", "words", "missed", f"with {gate}", "false accepts", f"with {gate}"]
    print(f"\n{table(header, stream_rows(awake, gated, kinds))}")


if __name__ == "__main__":
    run_command("gate", main)
