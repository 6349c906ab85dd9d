"""Precomputed log-mel pictures of Speech Commands: DATA/speech_commands_logmel.

One xz stream of grey JPEG pictures, 98 frames of 10 ms by 40 bands of log-mel values 0..255, and index.tsv with offset, length,
word, speaker and split of each.  The pictures lack the two frames that begin before a clip, which copy its first frame here.
Background pictures have no split: every fifth is for validation.
"""

import io
import lzma

import numpy as np
from PIL import Image
from pydantic import Field

from firmware.frontend import Frontend, codes_of_log_mel
from firmware.progress import progress
from train.corpora.clips import FRAMES, Clip, Clips
from train.corpora.table import Filled, Row, raise_all, read_table
from train.recipe import BACKGROUND_FOLDER, SILENCE
from train.splits import TESTING, TRAINING, VALIDATION, split_of_place

FOLDER = "speech_commands_logmel"
PICTURES, INDEX = "features.jpgs.xz", "index.tsv"
PICTURE_FRAMES = 98
PICTURE_BYTES = 16_384
"""Largest size of a picture; the corpus has at most 1,241."""
PICTURE_FRONTEND = Frontend(bands=40, high_hz=4000)


class PictureRow(Row):
    """A row of index.tsv; offset and length of the picture in the unpacked stream, bytes."""

    offset: int = Field(ge=0, lt=10**10)
    length: int = Field(ge=1, le=PICTURE_BYTES)
    word: Filled
    speaker: Filled
    split: Filled


def read_index(path):
    """[(line number, PictureRow)] of index.tsv; ValueError with the file and the line of each bad row."""
    rows, end, problems = read_table(path, PictureRow), 0, []
    for number, row in rows:
        if row.offset < end:
            problems.append(
                f"{path}:{number}: offset = {row.offset} lies before {end}, the end of the previous picture"
            )
        end = row.offset + row.length
        if row.word != BACKGROUND_FOLDER and row.split not in (TRAINING, VALIDATION, TESTING):
            problems.append(f"{path}:{number}: split = {row.split}: there are {TRAINING}, {VALIDATION} and {TESTING}")
    raise_all(problems)
    if not rows:
        raise ValueError(f"{path}: has no rows; download it again")
    return rows


def pictures_in(stream, index, rows):
    """Yields the picture of each row, log-mel values uint8 [98, bands]; ValueError naming the damaged file or row."""
    size = PICTURE_FRONTEND.bands, PICTURE_FRAMES
    with lzma.open(stream) as file:
        for number, row in progress(rows, "reading pictures"):
            try:
                file.seek(row.offset)
                picture = file.read(row.length)
            except (lzma.LZMAError, EOFError) as error:
                raise ValueError(f"{stream}: damaged ({error}); download it again") from None
            try:
                image = Image.open(io.BytesIO(picture), formats=["JPEG"])
                if (image.mode, image.size) != ("L", size):
                    raise ValueError(f"{image.mode}, {image.size[0]} by {image.size[1]} points")
                yield np.asarray(image)
            except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                raise ValueError(
                    f"{index}:{number}: {stream.name} has no grey JPEG of {size[0]} by {size[1]} points there ({error}); "
                    "download both again"
                ) from None


def check_front(recipe):
    """ValueError if the recipe's front end is not that of the pictures."""
    if recipe.front.is_micro:
        raise ValueError(
            f"recipe {recipe.name}: corpus logmel has pictures of other features than frontend.kind = micro; use corpus "
            "speech_commands, which has the recordings"
        )
    if (recipe.front.bands, recipe.front.high_hz) != (PICTURE_FRONTEND.bands, PICTURE_FRONTEND.high_hz):
        raise ValueError(
            f"recipe {recipe.name}: corpus logmel has {PICTURE_FRONTEND.bands} bands up to "
            f"{PICTURE_FRONTEND.high_hz} Hz; use these, or corpus speech_commands"
        )


def check(section, recipe, data):
    """ValueError if the recipe's front end is not that of the pictures, or a file does not exist."""
    check_front(recipe)
    for file in (data / FOLDER / INDEX, data / FOLDER / PICTURES):
        if not file.exists():
            raise ValueError(f"{file}: does not exist; put {FOLDER}/ into DATA ({data}), or use corpus speech_commands")


def load(section, recipe, data):
    """The corpus as Clips."""
    check(section, recipe, data)
    return load_from(recipe, data / FOLDER)


def load_from(recipe, folder):
    """The Clips in a folder with the files of the corpus."""
    check_front(recipe)
    index, stream = folder / INDEX, folder / PICTURES
    rows = read_index(index)
    lacking, backgrounds, clips = FRAMES - PICTURE_FRAMES, 0, []
    for picture, (_, row) in zip(pictures_in(stream, index, rows), rows, strict=True):
        codes = np.pad(codes_of_log_mel(picture), ((lacking, 0), (0, 0)), mode="edge")
        if row.word == BACKGROUND_FOLDER:
            clips.append(Clip.throughout(codes, SILENCE, row.speaker, split_of_place(backgrounds)))
            backgrounds += 1
        else:
            clips.append(Clip.of_word(codes, row.word, row.speaker, row.split))
    return Clips.of(clips)
