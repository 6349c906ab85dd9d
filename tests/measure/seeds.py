"""Chooses the seed of a recipe: python -m tests.measure.seeds RECIPE

Trains the recipe with three seeds in BUILD/RECIPE-seed<n>, runs the validation clips through the C library, and writes
BUILD/RECIPE/seeds.json for the model card.  The seed with the best of the lower of reset and streamed accuracy ships: when the
recipe has that seed, BUILD/RECIPE gets its checkpoint and train.json.  Test recordings are not used.
"""

import argparse

from calibration.records import SeedRun, Seeds
from firmware.command import run_command
from firmware.files import read_json, write_json
from firmware.paths import build_folder
from firmware.recipes import checkpoint, seed_name
from tests.measure.trials import changed, figures_of, hear, spread
from train.checkpoint import read_checkpoint, write_checkpoint
from train.recipe import load_recipe
from train.train_json import TrainJson

SEEDS = (1, 2, 3)


def measure(recipe):
    """The fields of SeedRun of a trained recipe, but for its seed."""
    heard = hear(recipe)
    return {"weights_sha256": heard.model.sha256(), **heard.accuracy()}


def place(recipe):
    """Copy the run of the recipe's seed to the recipe, with the recipe's name."""
    folder, ours = (build_folder() / name for name in (seed_name(recipe.name, recipe.seed), recipe.name))
    stored = read_checkpoint(checkpoint(folder.name))
    write_checkpoint(checkpoint(recipe.name), stored.model_copy(update={"recipe": recipe.model_dump_json()}))
    trained = read_json(folder / "train.json", TrainJson)
    about = {"recipe": recipe.name, "recipe_sha256": recipe.sha256(), "settings": recipe.model_dump(mode="json")}
    write_json(ours / "train.json", trained.model_copy(update=about))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe, ("keywords",))
    runs = []
    for seed in SEEDS:
        trial = changed(recipe, seed_name(recipe.name, seed), seed=seed)
        runs.append(SeedRun(seed=seed, **figures_of(trial, "seed", measure)))
    best = max(runs, key=lambda run: min(run.reset, run.streamed)).seed
    write_json(build_folder() / recipe.name / "seeds.json", Seeds(best=best, runs=tuple(runs)))
    for run in runs:
        print(f"seed {run.seed}: reset {run.reset:.4f}, streamed {run.streamed:.4f}, float {run.float:.4f}")
    for mode in ("reset", "streamed"):
        print(f"{mode}: {spread([getattr(run, mode) for run in runs])}")
    if best == recipe.seed:
        place(recipe)
        print(f"seed {best} ships: it is in {build_folder() / recipe.name}")
    else:
        print(f"seed {best} ships: write seed = {best} into the recipe and run this again")


if __name__ == "__main__":
    run_command("seeds", main, stopped="stopped; the same command goes on")
