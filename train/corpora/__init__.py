"""Corpora: each kind returns labelled clips with a split; a recipe lists those that it is trained on.

The clips of a corpus are cached in BUILD/clips by a hash of everything that decides them, so that a second run starts at once.
"""

import hashlib
import io
import sys
import tempfile
from pathlib import Path

import numpy as np

from firmware.files import write_whole
from firmware.paths import LIBRARY, ROOT, build_folder, data_folder
from train import micro
from train.corpora import (
    account,
    background,
    logmel,
    recordings,
    running_speech,
    sentences,
    speech,
)
from train.corpora.clips import Clips, join
from train.corpora.sources import digest_of_code, digest_of_folder, digest_of_synthesizers, digest_of_text
from train.corpora.speech_commands import fetch_speech_commands
from train.corpus_sections import SpeechCommandsSection

KINDS = {
    "speech_commands": (recordings.check_speech_commands, recordings.load_speech_commands),
    "logmel": (logmel.check, logmel.load),
    "folder": (recordings.check_folder, recordings.load_folder),
    "speech": (speech.check, speech.load),
    "sentences": (sentences.check, sentences.load),
    "running_speech": (running_speech.check, running_speech.load),
    "background": (background.check, background.load),
}
"""{kind: (check, which raises ValueError at once if something is missing, and load, which returns Clips)}."""
FOLDERS = {"logmel": logmel.FOLDER, "speech_commands": "speech_commands"}
"""Their folders in DATA."""
PATHS = ("name", "recordings")
"""Keys of sections that are a folder in DATA."""


def _synthesizers(section):
    """The names of the synthesizers that speak a corpus."""
    return {"speech": getattr(section, "clips_per_word", ()), "sentences": sentences.SPOKEN_BY}.get(section.kind, ())


def _digest(section, recipe, data):
    """A hash of everything that decides the clips of a corpus.

    It is of settings, code, synthesizers, the content of a file of sentences, and names, sizes and times of recordings.
    """
    folder = FOLDERS.get(section.kind) or next(filter(None, (getattr(section, key, "") for key in PATHS)), "")
    parts = (
        section,
        (recipe.front.always_awake, recipe.keywords, recipe.seed),
        digest_of_code(LIBRARY, ROOT / "firmware" / "generate" / "mel_bands.py"),
        digest_of_folder(data / folder) if folder else "",
        digest_of_text(getattr(section, "text", "")),
        digest_of_synthesizers(_synthesizers(section)),
        *([Path(micro.__file__).read_bytes()] if recipe.front.is_micro else []),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def read_clips(path):
    """The Clips in a cached file; None, with a line on standard error, if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            clips = Clips(**arrays)
            clips.require_whole()
            return clips
    except MemoryError:
        raise
    except Exception as error:  # numpy raises zipfile, zlib, OS, key and value errors for a damaged file
        print(f"{path}: damaged ({error}); making it again", file=sys.stderr)
        return None


def load_corpus(section, recipe):
    """The Clips of one corpus of a recipe."""
    data = data_folder()
    if section.kind == "speech_commands":
        fetch_speech_commands(data)
    kept = build_folder() / "clips" / f"{section.kind}-{_digest(section, recipe, data)}.npz"
    if kept.exists() and (clips := read_clips(kept)):
        return clips
    _, load = KINDS[section.kind]
    loaded = load(section, recipe, data)
    clips = join(loaded) if isinstance(loaded, list) else loaded
    buffer = io.BytesIO()
    np.savez(buffer, **clips.arrays())
    write_whole(kept, buffer.getvalue())
    return clips


def at_hand(section):
    """The section, or corpus speech_commands in place of logmel if DATA does not have the log-mel pictures."""
    if section.kind == "logmel" and not (data_folder() / logmel.FOLDER).exists():
        print(f"{logmel.FOLDER} is not in DATA: using the recordings of corpus speech_commands instead")
        return SpeechCommandsSection(kind="speech_commands")
    return section


def check_corpora(recipe):
    """ValueError or OSError if anything that the corpora need is missing or BUILD cannot be written, before any long work."""
    build_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=build_folder()):
        pass
    for section in recipe.corpora:
        check, _ = KINDS[section.kind]
        check(section, recipe, data_folder())


def load_corpora(recipe, tell=None):
    """The Clips that a recipe is trained and validated on; no validation clip has the sound of a training clip.

    tell: called with each line about them, if given.
    """
    recipe = recipe.model_copy(update={"corpora": [at_hand(section) for section in recipe.corpora]})
    check_corpora(recipe)
    parts = [load_corpus(section, recipe) for section in recipe.corpora]
    lines = [line for about in zip(recipe.corpora, parts, strict=True) for line in account.corpus_lines(recipe, *about)]
    clips, of_copies = account.without_copies(recipe, join(parts))
    for line in [*lines, *account.unknown_lines(recipe, clips), *of_copies] if tell else []:
        tell(line)
    return clips
