"""Trains a recipe: python -m train RECIPE

Writes BUILD/RECIPE/checkpoint.pt after every epoch and train.json at the end; continues a training that was stopped.
"""

import argparse

import torch

from firmware.command import run_command
from train.recipe import load_recipe
from train.training import threads, train


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a name in train/recipes, or a .toml file")
    parser.add_argument("--until", type=int, help="stop after this epoch of the same schedule")
    given = parser.parse_args()
    torch.set_num_threads(threads())
    train(load_recipe(given.recipe), given.until)


if __name__ == "__main__":
    run_command("train", main, stopped="stopped; the same command continues from the last complete epoch")
