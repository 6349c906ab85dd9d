"""Searches a recipe: python -m export.search RECIPE [--store postgresql://user@host/database]

The ranges are in the table [search] of the recipe's file.  Any number of these processes may work on the same search; each prints
the Pareto front at its end and writes BUILD/search/<recipe>/front.png.
"""

import argparse
import sys
import time
from pathlib import Path

from calibration.plots import save
from export.search.plot import front_figure
from export.search.search import Search
from export.search.section import FIGURES, read_section
from export.search.store import open_store
from export.search.trial import Unfit, figures_of, recipes_folder
from firmware.command import run_command
from firmware.markdown import table
from firmware.paths import RECIPES
from train.recipe import load_recipe

POLL_S = 1


def say(line):
    print(line, file=sys.stderr, flush=True)


def run(search, rung, trial):
    """Run a trial that was taken."""
    name = f"generation {trial.generation + 1} of {search.generations}, {trial.candidate}, {rung.epochs} epochs"
    say(f"{name}: begins ({', '.join(f'{key} {value}' for key, value in trial.values.items())})")
    with rung.at_work(trial):
        try:
            figures = figures_of(search, rung, trial)
        except Unfit as unfit:
            say(f"{name}: left out: {unfit}")
            return rung.fail(trial)
    rung.end(trial, figures)
    say(f"{name}: {', '.join(f'{FIGURES[key]} {value:.1%}' for key, value in figures.items())}")


def work(search):
    """Run trials until the search has come to its end."""
    waits = False
    while not search.ended():
        if taken := search.take():
            run(search, *taken)
            waits = False
        elif not search.advance():
            if not waits:
                say("nothing to do until other processes end their trials")
                waits = True
            time.sleep(POLL_S)


def front_table(search):
    """The front, and the recipe as it is: the searched values and the figures of each candidate."""
    rows, front, itself = [], search.front(), search.as_it_is()
    for trial in [*front, *([itself] if itself and itself not in front else [])]:
        shares = [f"{trial.figures[figure]:.1%}" for figure in ("errors", "missed")]
        sizes = [trial.figures[figure] for figure in ("flash_bytes", "ram_bytes", "instructions")]
        note = "" if trial != itself else ", as it is" if itself in front else ", as it is: not on the front"
        rows.append([f"{trial.candidate}{note}", *map(str, trial.values.values()), *shares, *sizes])
    return table(["recipe", *search.section.ranges, *FIGURES.values()], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a name in train/recipes, or a .toml file, with a table [search]")
    parser.add_argument("--store", default="", help="postgresql://..., by default a journal in BUILD")
    given = parser.parse_args()
    recipe = load_recipe(given.recipe)
    path = Path(given.recipe) if given.recipe.endswith(".toml") else RECIPES / f"{given.recipe}.toml"
    section = read_section(path)
    folder = recipes_folder(recipe.name)
    search = Search(recipe, section, open_store(given.store, folder / "journal.log"))
    work(search)
    print(front_table(search))
    save(front_figure(search), folder / "front.png")


if __name__ == "__main__":
    run_command("search", main, stopped="stopped; the same command goes on")
