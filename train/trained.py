"""The trained model of a recipe by its name, and the teachers that the tree keeps: python -m train.trained NAME

writes the float weights of a training in BUILD to train/teachers/NAME.npz, for git.  torch is imported only where a checkpoint is
read.
"""

import argparse

from firmware.command import Failure, run_command
from firmware.paths import MODELS, TEACHERS
from firmware.recipes import checkpoint
from train.model import Model

WEIGHTS = "weights.npz"
"""The float weights of a model that ships, in its folder."""


def trained_model(name):
    """(Model, its file): the training in BUILD, else the weights that ship, else those of a teacher; None if there is none.

    ValueError if the file is damaged or the training has not finished.
    """
    trained = checkpoint(name)
    if trained.exists():
        from train.checkpoint import model_in

        return model_in(trained), trained
    kept = (path for path in (MODELS / name / WEIGHTS, TEACHERS / f"{name}.npz") if path.exists())
    return next(((Model.load(path), path) for path in kept), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of a folder in BUILD with a finished training, such as commands-teacher-seed1")
    name = parser.parse_args().name
    if not checkpoint(name).exists():
        raise Failure(f"{checkpoint(name)}: no such training")
    model, _ = trained_model(name)
    kept = TEACHERS / f"{name}.npz"
    model.save(kept)
    print(kept)


if __name__ == "__main__":
    run_command("teacher", main)
