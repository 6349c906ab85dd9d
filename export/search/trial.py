"""The work of a trial: the ordinary trainings of an ordinary recipe file, and at their end the ordinary calibration.

Each step is a process that writes to BUILD/<candidate>/search.log.  A training that reached the rung's epochs is not repeated.
"""

import signal
import subprocess
import sys
from statistics import mean

from calibration.records import Calibration
from export.search.candidate import with_seed, with_values, write_recipe
from firmware.command import Failure
from firmware.files import read_json
from firmware.paths import build_folder
from firmware.process import ending
from firmware.recipes import checkpoint
from train.checkpoint import is_of, read_checkpoint

STOPPED = 130, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP
"""Ends of a process that the user stopped."""
POINT, NOISE = "balanced", "noise"
"""The misses that are minimised: of this operating point, in this kind of validation stream."""


class Unfit(RuntimeError):
    """A candidate that cannot be trained; the message says why."""


def recipes_folder(name):
    """The folder with the candidates' recipe files of the search of a recipe."""
    return build_folder() / "search" / name


def _run(recipe, module, *options):
    """A module of the toolchain on a recipe's file; Unfit if it fails."""
    folder = build_folder() / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "search.log", "a", encoding="utf-8") as log:
        path = recipes_folder(recipe.name.rpartition("-")[0]) / f"{recipe.name}.toml"
        done = subprocess.run(
            [sys.executable, "-m", module, *options, "--", path], stdout=log, stderr=subprocess.STDOUT
        )
    if done.returncode in STOPPED:
        raise KeyboardInterrupt
    if done.returncode < 0:  # not the candidate's fault: it is tried again by the next command
        raise Failure(f"{folder / 'search.log'}: {module} {ending(done.returncode)}")
    if done.returncode:
        lines = (folder / "search.log").read_text(encoding="utf-8", errors="replace").splitlines()
        raise Unfit(f"{folder / 'search.log'}: {lines[-1] if lines else module}")


def _history(recipe):
    """The epochs of a recipe's training so far."""
    path = checkpoint(recipe.name)
    if not path.exists() or not is_of(stored := read_checkpoint(path), recipe):
        return []
    return stored.progress.history


def _errors(recipe, epochs):
    """Errors of the float model on validation clips, never reset, after so many epochs."""
    if len(_history(recipe)) < epochs:
        _run(recipe, "train", f"--until={epochs}")
    return 1 - _history(recipe)[epochs - 1]["accuracy_streamed"]


def _missed(recipe):
    path = build_folder() / recipe.name / "calibration.json"
    if not path.exists():
        _run(recipe, "calibration.calibrate")
    points = {point.name: point for point in read_json(path, Calibration).operating_points}
    figures = points[POINT].validation[NOISE]
    return figures.misses / figures.keywords


def figures_of(search, rung, trial):
    """{figure: value} of a trial at its rung: by the first seed, at the end by all; Unfit if it cannot be trained."""
    folder, base = recipes_folder(search.recipe.name), search.recipe.name
    candidate = with_values(search.recipe, trial.values)
    seeds = search.section.seeds if rung.last else search.section.seeds[:1]
    recipes = [with_seed(candidate, base, seed) for seed in seeds]
    for recipe in recipes:
        write_recipe(recipe, folder)
    figures = {"errors": mean(_errors(recipe, rung.epochs) for recipe in recipes)}
    if rung.last:
        figures["missed"] = mean(_missed(recipe) for recipe in recipes)
    return figures
