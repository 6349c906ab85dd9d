"""Corpora: each kind gives labelled clips with a split; a recipe lists the ones it is trained on.

What was read is kept under BUILD/clips, by a hash of the corpus's section, the front end and its files,
so that a second run begins at once.
"""

import hashlib
import io
import sys
import tempfile

import numpy as np

from firmware.files import write_whole
from firmware.paths import LIBRARY, ROOT, build_folder, data_folder
from train.corpora import account, background, logmel, recordings, sentences, speech, wake_index, wake_words
from train.corpora.clips import Clips, join
from train.corpora.download import fetch_speech_commands
from train.corpora.sources import SYNTHESIZERS, digest_of_code, digest_of_folder, digest_of_synthesizers
from train.recipe import SpeechCommandsSection

KINDS = {
    "speech_commands": (recordings.check_speech_commands, recordings.load_speech_commands),
    "logmel": (logmel.check, logmel.load),
    "folder": (recordings.check_folder, recordings.load_folder),
    "speech": (speech.check, speech.load),
    "sentences": (sentences.check, sentences.load),
    "wake_words": (wake_words.check, wake_words.load),
    "background": (background.check, background.load),
}
"""What says in the first second what is lacking, and what gives the Clips."""
FOLDERS = {"logmel": logmel.FOLDER, "speech_commands": "speech_commands", "wake_words": wake_index.FOLDER}
"""Under DATA."""


def _digest(section, recipe, data):
    """A hash of all that decides a corpus's clips: settings, code, synthesizers, and the files' names, sizes and times."""
    folder = FOLDERS.get(section.kind) or getattr(section, "name", "") or getattr(section, "recordings", "")
    parts = (
        section,
        (recipe.frontend, recipe.keywords, recipe.seed),
        digest_of_code(LIBRARY, ROOT / "firmware" / "generate" / "mel_bands.py"),
        digest_of_folder(data / folder) if folder else "",
        digest_of_synthesizers({section.kind} & SYNTHESIZERS.keys()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def read_clips(path):
    """The Clips kept in a file; None, with a line that says so, where it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            clips = Clips(**arrays)
            clips.require_whole()
            return clips
    except MemoryError:
        raise
    except Exception as error:  # numpy raises zipfile, zlib, OS, key and value errors for a damaged file
        print(f"{path}: damaged ({error}), made again", file=sys.stderr)
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
    np.savez(buffer, **vars(clips))
    write_whole(kept, buffer.getvalue())
    return clips


def at_hand(section):
    """The section itself, or Speech Commands' archive in place of its log-mel pictures where DATA does not have them."""
    if section.kind == "logmel" and not (data_folder() / logmel.FOLDER).exists():
        print(f"{logmel.FOLDER} is not in DATA: taking the recordings of corpus speech_commands instead")
        return SpeechCommandsSection(kind="speech_commands")
    return section


def check_corpora(recipe):
    """ValueError or OSError where a recipe's corpora, or BUILD, lack what would be missed after long work."""
    build_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=build_folder()):
        pass
    for section in recipe.corpora:
        check, _ = KINDS[section.kind]
        check(section, recipe, data_folder())


def load_corpora(recipe, tell=None):
    """All clips a recipe is trained and validated on, as Clips; no clip of validation has the sound of one of training.

    tell: called with each line of what there is to say of them.
    """
    recipe = recipe.model_copy(update={"corpora": [at_hand(section) for section in recipe.corpora]})
    check_corpora(recipe)
    parts = [load_corpus(section, recipe) for section in recipe.corpora]
    lines = [line for about in zip(recipe.corpora, parts, strict=True) for line in account.corpus_lines(recipe, *about)]
    clips, of_copies = account.without_copies(recipe, join(parts))
    for line in [*lines, *account.unknown_lines(recipe, clips), *of_copies] if tell else []:
        tell(line)
    return clips
