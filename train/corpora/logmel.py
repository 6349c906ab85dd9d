"""Precomputed log-mel pictures of Speech Commands: DATA/speech_commands_logmel.

One xz stream of JPEG pictures, 98 frames of 10 ms by 40 bands, and index.tsv with offset, length, word,
speaker and split.  The pictures were made of whole frames only; the two frames that would begin before
the clip are filled with its first.  Background pictures have no split: every fifth goes to validation.
"""

import csv
import io
import lzma

import numpy as np
from PIL import Image

from firmware.frontend import Frontend
from firmware.progress import progress
from train.corpora.pictures import FRAMES, TRAINING, VALIDATION, Pictures
from train.recipe import BACKGROUND, SILENCE

FOLDER = "speech_commands_logmel"
PICTURES = "features.jpgs.xz"
PICTURE_FRONTEND = Frontend(bands=40, high_hz=4000)


def check(section, recipe, data):
    """ValueError where the recipe's front end is not the pictures', or they are not there."""
    if (recipe.front.bands, recipe.front.high_hz) != (PICTURE_FRONTEND.bands, PICTURE_FRONTEND.high_hz):
        raise ValueError(
            f"recipe {recipe.name}: corpus logmel has {PICTURE_FRONTEND.bands} bands up to "
            f"{PICTURE_FRONTEND.high_hz} Hz and no other; use corpus speech_commands"
        )
    for file in _files(data):
        if not file.exists():
            raise ValueError(f"{file}: not there; put {FOLDER}/ into DATA ({data}), or use corpus speech_commands")


def _files(data):
    return data / FOLDER / "index.tsv", data / FOLDER / PICTURES


def load(section, recipe, data):
    """The corpus as Pictures."""
    check(section, recipe, data)
    index, stream = _files(data)
    with open(index) as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    try:
        pictures = lzma.decompress(stream.read_bytes())
    except lzma.LZMAError as error:
        raise ValueError(f"{stream}: damaged ({error}); fetch it again") from None
    levels = np.empty((len(rows), FRAMES, PICTURE_FRONTEND.bands), np.uint8)
    for row, clip in zip(progress(rows, "reading pictures"), levels, strict=True):
        start, length = int(row["offset"]), int(row["length"])
        frames = np.asarray(Image.open(io.BytesIO(pictures[start : start + length])))
        clip[FRAMES - len(frames) :] = frames
        clip[: FRAMES - len(frames)] = frames[0]
    word = np.array([row["word"] for row in rows])
    split = np.array([row["split"] for row in rows])
    background = word == BACKGROUND
    split[background] = np.where(np.arange(background.sum()) % 5 == 4, VALIDATION, TRAINING)
    return Pictures(levels, np.where(background, SILENCE, word), np.array([row["speaker"] for row in rows]), split)
