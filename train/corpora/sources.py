"""Hashes of what a corpus or a stream is made of: code, files under DATA, synthesizers.

What is kept under BUILD is made again where one of them has changed.  No hash has an absolute path in it, so DATA may move.
"""

import hashlib
import os
from importlib.metadata import version

from firmware.paths import ROOT
from train.corpora.espeak import Espeak
from train.corpora.flite import Flite

CODE = (
    ROOT / "firmware" / "audio",
    ROOT / "firmware" / "frontend.py",
    ROOT / "firmware" / "words.py",
    ROOT / "train" / "corpora",
)
PACKAGES = ("numpy", "pillow", "scipy", "soundfile", "soxr")
TABLE = "index.tsv"
SYNTHESIZERS = {"speech": (Espeak,), "sentences": (Espeak, Flite)}
"""Who speaks words, and who speaks running speech."""


def _hash_of(*parts):
    """A hash of bytes and of other values as Python writes them."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
    return digest.hexdigest()


def digest_of_code(*more):
    """A hash of the code between a recording and a clip, of more files or folders of code, and of the packages' versions."""
    files = [
        path
        for source in (*CODE, *more)
        for path in (sorted(source.glob("*.[chpt]*")) if source.is_dir() else [source])
    ]
    return _hash_of(*(path.read_bytes() for path in files), [version(package) for package in PACKAGES])


def files_below(folder):
    """Every file in a folder, through the links that a user may have placed; a folder that is met again is passed by."""
    met = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in met:
            folders.clear()
            continue
        met.add(real)
        yield from (os.path.join(place, name) for name in names)


def digest_of_folder(folder):
    """A hash of the names, sizes and times of all files in a folder, and of the table beside it."""
    files = [str(folder.parent / TABLE), *sorted(files_below(folder))]
    about = ((os.path.relpath(file, folder), os.stat(file)) for file in files if os.path.exists(file))
    return _hash_of([(os.fsencode(name), found.st_size, found.st_mtime_ns) for name, found in about])


def digest_of_synthesizers(kinds):
    """A hash of the synthesizers that speak some kinds of speech, of which one may not be installed."""
    speakers = [kind() for name in sorted(set(kinds)) for kind in SYNTHESIZERS[name]]
    return _hash_of([(voices := speaker.voices()) and (voices, speaker.identity()) for speaker in speakers])
