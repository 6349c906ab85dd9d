"""Which seed of a recipe ships: python -m tests.seeds RECIPE

Trains the recipe from three seeds (its own goes to BUILD/RECIPE, the others to BUILD/RECIPE-seed<n>), hears the
validation clips through the C library, and writes BUILD/RECIPE/seeds.json, which the model card prints.  The best by
the lesser of reset and streamed ships; test recordings are not heard.
"""

import argparse
import sys

from firmware.build import BuildError
from firmware.files import write_json
from firmware.paths import build_folder
from tests.trials import changed, figures_of, hear, spread
from train.recipe import load_recipe

SEEDS = (1, 2, 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe)
    runs = []
    for seed in SEEDS:
        name = recipe.name if seed == recipe.seed else f"{recipe.name}-seed{seed}"
        figures = figures_of(changed(recipe, name, seed=seed), "seed", lambda trial: hear(trial).accuracy())
        runs.append({"seed": seed, **figures})
    best = max(runs, key=lambda run: min(run["reset"], run["streamed"]))["seed"]
    write_json(build_folder() / recipe.name / "seeds.json", {"best": best, "runs": runs})
    for run in runs:
        print(f"seed {run['seed']}: reset {run['reset']:.4f}, streamed {run['streamed']:.4f}, float {run['float']:.4f}")
    for mode in ("reset", "streamed"):
        print(f"{mode}: {spread([run[mode] for run in runs])}")
    print(f"seed {best} ships" + ("" if best == recipe.seed else f": write seed = {best} into the recipe"))


if __name__ == "__main__":
    try:
        main()
    except (BuildError, ValueError, OSError) as error:
        sys.exit(f"seeds: {error}")
    except KeyboardInterrupt:
        sys.exit("seeds: stopped; the same command goes on")
