"""The folder of a recipe's exported model: a new export under BUILD, or the model shipped in the tree."""

import re
import shlex
import sys
from pathlib import Path

from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS, RECIPES, build_folder


def folder_name(recipe):
    """The name of a recipe's folders: RECIPE itself, or the stem of a .toml file, with - for spaces and signs."""
    return re.sub(r"[^\w-]+", "-", Path(recipe).stem) if recipe.endswith(".toml") else recipe


def recipe_file(recipe):
    """The .toml file of RECIPE, which may not be there: itself, or that of its name in train/recipes."""
    return Path(recipe) if recipe.endswith(".toml") else RECIPES / f"{recipe}.toml"


def recipe_name(recipe):
    """The folder_name of one recipe; ValueError if there is no such recipe: neither its .toml file nor a model of it."""
    if not recipe.endswith(".toml") and len(recipe.split()) > 1:
        raise ValueError(
            f"RECIPE={recipe}: name one recipe; only firmware, flash, emulate, page, cost and benchmark take several"
        )
    name, path = folder_name(recipe), recipe_file(recipe)
    models = checkpoint(name), *(folder / MODEL_JSON for folder in possible_folders(name))
    if not any(file.is_file() for file in (path, *models)):
        known = {file.stem for file in RECIPES.glob("*.toml")} | set(shipped_models())
        raise ValueError(f"{path}: no such recipe; there are: {', '.join(sorted(known))}")
    return name


def recipe_names(recipes):
    """recipe_name of each in RECIPE="wake commands-20k", for one image of several models; a .toml file is one, spaces and all."""
    if recipes.endswith(".toml") and Path(recipes).exists():
        return [recipe_name(recipes)]
    names = [recipe_name(recipe) for recipe in recipes.split() or [recipes]]
    if len(set(names)) < len(names):
        raise ValueError(f"RECIPE={recipes}: a recipe is named twice")
    return names


def make_command(goal, name, *more):
    """The make command for a goal of the recipe of this name, with RECIPE as typed: `make train RECIPE=mine/own.toml`."""
    typed = [word for word in sys.argv[1:] if word.endswith(".toml") and folder_name(word) == name]
    return " ".join(["make", goal, f"RECIPE={shlex.quote([*typed, name][0])}", *more])


def checkpoint(name):
    """The file of a recipe's training."""
    return build_folder() / name / "checkpoint.pt"


def possible_folders(name):
    """Where a recipe's exported model may be, in this order: the export under BUILD, the shipped model."""
    return build_folder() / name / "firmware", MODELS / name


def shipped_models():
    return sorted(path.parent.name for path in MODELS.glob(f"*/{MODEL_C[1]}"))


def model_folder(recipe):
    """The folder with a recipe's kws_model.h, kws_model.c and model.json: the export under BUILD, else the shipped model.

    FileNotFoundError if there is neither; it names the commands that make one, and the models that ship.
    """
    folders = possible_folders(recipe)
    for folder in folders:
        if all((folder / name).exists() for name in (*MODEL_C, MODEL_JSON)):
            read_model_json(folder)  # ValueError if the files are of different exports
            return folder
    goals = ("export",) if checkpoint(recipe).exists() else ("train", "calibrate", "export")
    make = ", then ".join(f"`{make_command(goal, recipe)}`" for goal in goals)
    raise FileNotFoundError(
        f"no exported model of recipe {recipe} in {' or '.join(map(str, folders))}: run {make}; ready are "
        f"{', '.join(shipped_models())}"
    )


def of_keywords(folders):
    """The folders of exported models; ValueError if one is not of keywords, of a command that does nothing else."""
    for folder in folders:
        if read_model_json(folder).task != "keywords":
            raise ValueError(f"{folder}: a model of anomalies; this command is for models of keywords")
    return folders


def is_stale(recipe, folder):
    """Whether a recipe was trained after the export in a folder."""
    trained = checkpoint(recipe)
    return trained.exists() and trained.stat().st_mtime > (folder / "kws_model.c").stat().st_mtime


def model_folders_told(recipes, doing):
    """The model_folder of each recipe.

    Once all are found, a line on standard error says of each what is done with it, and whether it is stale.
    """
    folders = [model_folder(recipe) for recipe in recipes]
    for recipe, folder in zip(recipes, folders, strict=True):
        export = f"; the training is newer: `{make_command('export', recipe)}` brings it in"
        print(f"{doing} the model in {folder}{export if is_stale(recipe, folder) else ''}", file=sys.stderr)
    return folders


def seed_name(recipe, seed):
    """The name of a recipe's training with another seed."""
    return f"{recipe}-seed{seed}"
