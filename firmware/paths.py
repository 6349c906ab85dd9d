"""Where things are: the tree's folders, and BUILD and DATA, which the environment may move."""

import os
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "firmware" / "library"
APPLICATION = ROOT / "firmware" / "application"
BOARDS = ROOT / "firmware" / "boards"
HOST = ROOT / "firmware" / "host"
EMULATED = ROOT / "firmware" / "emulate" / "cores"
COST = ROOT / "firmware" / "cost"
MODELS = ROOT / "firmware" / "models"
RECIPES = ROOT / "train" / "recipes"


def build_folder():
    """Everything made: BUILD, by default build/ in the tree."""
    return Path(os.environ.get("BUILD") or ROOT / "build").resolve()


def data_folder():
    """Where corpora are looked for and downloaded to: DATA, by default data/ in the tree."""
    return Path(os.environ.get("DATA") or ROOT / "data").resolve()


def is_inside(name):
    """Whether the name of something in a folder stays in it; a link that lies in the folder may lead elsewhere."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
