"""Wake words of people, by the method of the public wake-word benchmark:  python -m calibration.benchmark RECIPES

Misses of each keyword of each model in quiet and over household noise at 10 dB, at .5 false accepts an hour of read English and
at .1 of twenty hours of synthetic speech and noise; and PocketSphinx on the same recordings, if it is installed.  All models have
the same keywords, of which DATA/wake_words_people has recordings.  Writes benchmark.json in BUILD/<recipe> of each, for the
report, and benchmark.png, the DET curves, for the first.
"""

import argparse

from calibration.benchmark import sphinx
from calibration.benchmark.description import NEGATIVES, SAID_IN, description_of
from calibration.benchmark.plot import det_figure
from calibration.benchmark.rates import HEADER, MEANS_HEADER, cells, curve, mean_rows, rows_of
from calibration.plots import save
from calibration.records import BenchmarkFigures
from calibration.streams.build import build
from calibration.streams.events import read_stream
from calibration.streams.measurement import measure
from firmware.command import run_command
from firmware.files import write_json
from firmware.host.binding import SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import model_folder, of_keywords, recipe_names

HEARD_BY_SPHINX = (*SAID_IN.values(), *NEGATIVES["read English"])
"""Kinds that PocketSphinx hears; it is slow, so the twenty hours are left to ours."""


def words_of(names):
    """The keywords that all models have."""
    of_keywords([model_folder(name) for name in names])
    words = {name: tuple(sorted(SpotterC(model_folder(name)).model.words)) for name in names}
    if len(set(words.values())) > 1:
        listed = "; ".join(f"{name}: {', '.join(said)}" for name, said in words.items())
        raise ValueError(f"the models have different keywords: {listed}")
    return next(iter(words.values()))


def levels_of(name, folder):
    """(levels, hours) of one of our models on a stream."""
    measured = measure(name, str(folder))
    levels = {kind: [row.words for row in rows] for kind, rows in measured.det.items()}
    return levels, {kind: negatives.hours for kind, negatives in measured.negatives.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", help="a recipe, or several names separated by spaces")
    names = recipe_names(parser.parse_args().recipes)
    words = words_of(names)
    folder = build(description_of(words))
    systems = {name: levels_of(name, folder) for name in names}
    if lacking := sphinx.lacking(words):
        print(f"without PocketSphinx: {lacking}")
    else:
        kinds = read_stream(folder)
        systems["PocketSphinx"] = sphinx.levels_of(words, {kind: kinds[kind] for kind in HEARD_BY_SPHINX})
    rows = [row for system, found in systems.items() for row in rows_of(system, *found)]
    curves = {system: curve(*found) for system, found in systems.items()}
    print(table(HEADER, map(cells, rows)))
    print(table(MEANS_HEADER, mean_rows(rows)))
    for name in names:
        sha256 = SpotterC(model_folder(name)).model.model_sha256
        figures = BenchmarkFigures(model_sha256=sha256, rows=tuple(rows), curves=curves)
        write_json(build_folder() / name / "benchmark.json", figures)
    save(det_figure(curves), build_folder() / names[0] / "benchmark.png")


if __name__ == "__main__":
    run_command("benchmark", main)
