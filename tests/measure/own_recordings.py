"""Divides people's recordings of wake words into some of one's own and the rest:  python -m tests.measure.own_recordings FOLDER

FOLDER/mine/<word> has links to --count recordings of each of --words, drawn by --fold, and FOLDER/data is DATA with the rest in
place of wake_words_people.  Prints the commands that train with the former and measure on the latter.
"""

import argparse
from pathlib import Path

import numpy as np

from calibration.benchmark.description import PEOPLE
from calibration.streams.words import recorded_files
from firmware.command import run_command
from firmware.files import whole_folder
from firmware.paths import data_folder
from train.corpora.speech import text_of


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target.resolve())


def divide(folder, words, count, fold):
    """Make mine and data in a folder; ValueError if a word has too few recordings."""
    for entry in sorted(data_folder().iterdir()):
        if entry.name != PEOPLE:
            link(folder / "data" / entry.name, entry)
    random = np.random.default_rng(fold)
    for word in words:
        files = sorted(recorded_files(PEOPLE, [word], tell=False))
        if count >= len(files):
            raise ValueError(
                f"--count {count}: DATA/{PEOPLE}/{word} has {len(files)} recordings, and some must be left"
            )
        for place, file in enumerate(random.permutation(np.array(files, object))):
            own = folder / "mine" / word / f"{file.stem}_0{file.suffix}"
            link(own if place < count else folder / "data" / PEOPLE / word / file.name, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder that does not exist yet")
    parser.add_argument("--words", default="alexa jarvis view_glass")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--fold", type=int, default=0)
    given = parser.parse_args()
    folder, words = given.folder.resolve(), given.words.split()
    if folder.exists():
        raise ValueError(f"{folder}: exists; give a folder that does not")
    with whole_folder(folder) as made:
        divide(made, words, given.count, given.fold)
    phrases = ", ".join(map(text_of, words))
    name = f"mine-{given.count}-{given.fold}"
    print(f'make wake WORD="{phrases}" NAME={name} MINE={folder}/mine DATA={folder}/data')
    print(f"make benchmark RECIPE=build/wake/{name}.toml DATA={folder}/data")


if __name__ == "__main__":
    run_command("own_recordings", main)
