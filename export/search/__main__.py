"""Searches a recipe: python -m export.search RECIPE [--store postgresql://user@host/database]

The ranges are in the table [search] of the recipe's file.  Any number of these processes may work on the same search; each prints
the Pareto front at its end and writes front.json and front.png in BUILD/search/<recipe>/; `make report` shows them.
"""

import argparse
import sys
import time

from calibration.plots import save
from calibration.records import SearchCandidate, SearchFigures
from calibration.search_front import FIGURES, front_figure, front_rows
from export.search.search import Search
from export.search.section import read_section
from export.search.store import open_store
from export.search.trial import Unfit, figures_of, recipes_folder
from firmware.command import run_command
from firmware.files import write_json
from firmware.markdown import table
from firmware.recipes import recipe_file
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


def found_by(search):
    """The SearchFigures of a search that has come to its end."""
    front, itself = search.front(), search.as_it_is()
    candidates = [
        SearchCandidate(
            recipe=trial.candidate,
            values=trial.values,
            **{figure: trial.figures[figure] for figure in FIGURES},
            on_front=trial in front,
            as_it_is=trial == itself,
        )
        for trial in search.done()
    ]
    return SearchFigures(core=search.section.core, tried=search.section.trials, candidates=tuple(candidates))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a name in train/recipes, or a .toml file, with a table [search]")
    parser.add_argument("--store", default="", help="postgresql://..., by default a journal in BUILD")
    given = parser.parse_args()
    recipe = load_recipe(given.recipe, ("keywords",))
    section = read_section(recipe_file(given.recipe))
    folder = recipes_folder(recipe.name)
    search = Search(recipe, section, open_store(given.store, folder / "journal.log"))
    work(search)
    found = found_by(search)
    write_json(folder / "front.json", found)
    header, *rows = front_rows(found)
    print(table(header, rows))
    save(front_figure(found), folder / "front.png")


if __name__ == "__main__":
    run_command("search", main, stopped="stopped; the same command goes on")
