"""Trains a recipe: python -m train RECIPE; by several processes: python -m torch.distributed.run ... -m train -- RECIPE

Writes BUILD/RECIPE/checkpoint.pt after every epoch and train.json at the end; continues a training that was stopped.
"""

import argparse
import os
from contextlib import ExitStack, redirect_stderr, redirect_stdout

import torch

from firmware.command import run_command
from train.processes import Processes
from train.recipe import load_recipe
from train.training import threads, train


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a name in train/recipes, or a .toml file")
    parser.add_argument("--until", type=int, help="stop after this epoch of the same schedule")
    given = parser.parse_args()
    if given.until is not None and given.until < 1:
        raise ValueError(f"--until {given.until}: give the number of an epoch, 1 or more")
    torch.set_num_threads(threads())
    recipe = load_recipe(given.recipe)
    with ExitStack() as silent:
        if not Processes(recipe.training.batch).first:
            nowhere = silent.enter_context(open(os.devnull, "w"))
            silent.enter_context(redirect_stdout(nowhere))
            silent.enter_context(redirect_stderr(nowhere))
        train(recipe, given.until)


if __name__ == "__main__":
    run_command("train", main, stopped="stopped; the same command continues from the last complete epoch")
