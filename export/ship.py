"""Copies an exported recipe into firmware/models/RECIPE, for git: python -m export.ship RECIPE [--into FOLDER]

The files: kws_model.h, kws_model.c, model.json, weights.npz (float), calibration.json, train.json, looks.json (looks at
test recordings), seeds.json (seeds compared) and README.md, the model card.
"""

import argparse
from pathlib import Path

from calibration.detector import Detector
from calibration.looks import looks_of
from calibration.models import load_calibration, load_model, require_current_export
from calibration.records import Seeds
from export.c_model import CModel
from export.card import card
from firmware.command import run_command
from firmware.files import read_json, read_json_if_there, whole_folder, write_json, write_whole
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS, build_folder
from firmware.recipes import make_command
from train.recipe import load_recipe
from train.train_json import TrainJson
from train.trained import WEIGHTS

WEIGHTS_BYTES_AT_MOST = 350 * 1024
SHIPPED = {
    WEIGHTS,
    "calibration.json",
    "train.json",
    "looks.json",
    "seeds.json",
    "README.md",
    *MODEL_C,
    MODEL_JSON,
}
"""The files of a shipped model's folder."""


def folder_for(recipe, into):
    """The folder that a recipe's model is copied to."""
    return Path(into).resolve() / recipe.name if into else MODELS / recipe.name


def require_only_shipped(folder):
    """ValueError when a folder that is to be replaced holds a file that ship does not write."""
    foreign = sorted({path.name for path in folder.glob("*")} - SHIPPED)
    if foreign:
        raise ValueError(f"{folder}: contains {foreign[0]}, which ship did not write; give another folder as INTO=")


def seeds_of(recipe, model):
    """The Seeds whose best run is this model: in BUILD, else shipped, else None."""
    for folder in (build_folder(), MODELS):
        seeds = read_json_if_there(folder / recipe / "seeds.json", Seeds)
        if seeds and any(run.seed == seeds.best and run.weights_sha256 == model.sha256() for run in seeds.runs):
            return seeds
    return None


def ship(name, into=None):
    """Copy the exported files of a recipe, write its card; ValueError when they are not of the calibrated, newest model."""
    recipe = load_recipe(name, ("keywords", "voice"))
    folder = folder_for(recipe, into)
    model, _ = load_model(recipe.name)
    exported = build_folder() / recipe.name / "firmware"
    about = read_model_json(exported)
    require_current_export(exported, about, model)
    calibration = load_calibration(recipe.name, model)
    c_model = CModel(model.quantize(), Detector.of(calibration, model.words))
    if about.model_id != c_model.export_id():
        raise ValueError(f"{exported}: exported with another calibration: run `{make_command('export', recipe.name)}`")
    trained = read_json(build_folder() / recipe.name / "train.json", TrainJson)
    looks, seeds = looks_of(recipe.name), seeds_of(recipe.name, model)
    if model.float_bytes() > WEIGHTS_BYTES_AT_MOST:
        raise ValueError(f"{folder / WEIGHTS}: larger than {WEIGHTS_BYTES_AT_MOST:,} bytes; use fewer units")
    require_only_shipped(folder)
    with whole_folder(folder) as made:
        model.save(made / WEIGHTS)
        for file in (*MODEL_C, MODEL_JSON):
            write_whole(made / file, (exported / file).read_bytes())
        write_json(made / "calibration.json", calibration)
        write_json(made / "train.json", trained)
        write_json(made / "looks.json", looks)
        if seeds:
            write_json(made / "seeds.json", seeds)
        write_whole(made / "README.md", card(recipe, about, c_model, calibration, trained, looks, seeds))
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()):,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--into", help="the folder to copy into, instead of firmware/models")
    arguments = parser.parse_args()
    ship(arguments.recipe, arguments.into)


if __name__ == "__main__":
    run_command("ship", main)
