"""Wake words of people, by the way of the public wake-word benchmark:  python -m calibration.benchmark RECIPES

Misses of each keyword of each model in quiet and over household noise at 10 dB, at .5 false accepts an hour of read English and
at .1 of twenty hours of synthetic speech and noise; and PocketSphinx on the same recordings, if it is installed.  All models have
the same keywords, of which DATA/wake_words_people has recordings.  Writes BUILD/<first RECIPE>/benchmark.png, the DET curves.
"""

import argparse

import matplotlib.pyplot as plt

from calibration.benchmark import sphinx
from calibration.benchmark.description import NEGATIVES, NOISY, SAID_IN, description_of
from calibration.benchmark.rates import means, rows_of
from calibration.plots import save
from calibration.streams.build import build
from calibration.streams.events import read_stream
from calibration.streams.measurement import measure
from firmware.command import run_command
from firmware.host.binding import SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import model_folder, recipe_names

HEARD_BY_SPHINX = (*SAID_IN.values(), *NEGATIVES["read English"])
"""Kinds that PocketSphinx hears; it is slow, so the twenty hours are left to ours."""


def words_of(names):
    """The keywords that all models have."""
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


def det_figure(systems):
    """Misses at 10 dB against false accepts an hour of read English, a curve for each system: the mean over its words."""
    figure, axes = plt.subplots(figsize=(6, 4))
    (negative,) = NEGATIVES["read English"]
    for system, (levels, hours) in systems.items():
        points = []
        for said, heard in zip(levels[SAID_IN[NOISY]], levels[negative], strict=True):
            missed = [figures.misses / figures.keywords for figures in said.values()]
            accepted = [figures.false_accepts for figures in heard.values()]
            points.append((sum(accepted) / len(accepted) / hours[negative], sum(missed) / len(missed)))
        axes.plot(*zip(*points, strict=True), label=system)
    axes.set(xlabel="false accepts an hour and word, read English", ylabel="missed at 10 dB", xlim=(0, 20), ylim=(0, 1))
    axes.legend()
    return figure


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
    header = [
        "system",
        "word",
        "negatives",
        "hours",
        "false accepts",
        *(f"missed, {condition}" for condition in SAID_IN),
    ]
    print(table(header, [row.cells() for row in rows]))
    of_all = [
        [system, negatives, *(f"{share:.1%}" for share in shares.values())] for system, negatives, shares in means(rows)
    ]
    print(table(["mean of the words", "negatives", *SAID_IN], of_all))
    save(det_figure(systems), build_folder() / names[0] / "benchmark.png")


if __name__ == "__main__":
    run_command("benchmark", main)
