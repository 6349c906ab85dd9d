"""Hashes of the sources of a corpus or a stream: code, files in DATA, synthesizers.

Files cached in BUILD are made again if one of these changes.  The hashes contain no absolute path, so DATA may move.
"""

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from firmware.paths import ROOT
from train.synthesizers import SYNTHESIZERS

CODE = (
    ROOT / "firmware" / "audio",
    ROOT / "firmware" / "frontend.py",
    ROOT / "firmware" / "words.py",
    ROOT / "train" / "corpora",
    ROOT / "train" / "splits.py",
    ROOT / "train" / "synthesizers",
)
PACKAGES = ("numpy", "pillow", "scipy", "soundfile", "soxr")
TABLE = "index.tsv"


def _hash_of(*parts):
    """A hash of parts: of bytes as they are, of other values by their repr."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
    return digest.hexdigest()


def digest_of_code(*more):
    """A hash of the code between a recording and a clip, of more files or folders, and of the versions of packages."""
    files = [
        path
        for source in (*CODE, *more)
        for path in (sorted(source.glob("*.[chpt]*")) if source.is_dir() else [source])
    ]
    return _hash_of(*(path.read_bytes() for path in files), [version(package) for package in PACKAGES])


def files_below(folder):
    """Yields every file in a folder, through links, or a file itself; a folder that links make occur again is skipped."""
    if os.path.isfile(folder):
        yield str(folder)
    met = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in met:
            folders.clear()
            continue
        met.add(real)
        yield from (os.path.join(place, name) for name in names)


def digest_of_folder(folder):
    """A hash of the names, sizes and times of all files in a folder, or of one file, and of index.tsv beside it."""
    files = [str(folder.parent / TABLE), *sorted(files_below(folder))]
    about = ((os.path.relpath(file, folder), os.stat(file)) for file in files if os.path.exists(file))
    return _hash_of([(os.fsencode(name), found.st_size, found.st_mtime_ns) for name, found in about])


def digest_of_synthesizers(names):
    """A hash of the synthesizers with some names; one may not be installed."""
    speakers = [SYNTHESIZERS[name]() for name in sorted(set(names))]
    return _hash_of([(voices := speaker.voices()) and (voices, speaker.identity()) for speaker in speakers])


def digest_of_text(text):
    """A hash of a file of sentences; empty without one, and for a file that is not there, which a check refuses."""
    return hashlib.sha256(Path(text).read_bytes()).hexdigest() if Path(text).is_file() else ""
