"""The folders of the tree, and BUILD and DATA, which environment variables move."""

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
TEACHERS = ROOT / "train" / "teachers"


def build_folder():
    """The folder of all outputs: BUILD, by default build/ in the tree."""
    return Path(os.environ.get("BUILD") or ROOT / "build").resolve()


def data_folder():
    """The folder of corpora, found or downloaded: DATA, by default data/ in the tree."""
    return Path(os.environ.get("DATA") or ROOT / "data").resolve()


def is_inside(name):
    """Whether a relative name stays inside its folder; links in the folder are not followed."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
