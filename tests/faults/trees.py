"""Folders before and after a command, compared by what their files mean."""

import hashlib
import io
import re
import shutil

import torch
from elftools.elf.elffile import ELFFile

TEMPORARY = re.compile(rb"/cc\w{6}\b|/\.[^/\s]+\.\w{8}/made")
"""The compiler's own names in a linker's map, and the folder in which an image was made."""
SECONDS = re.compile(rb'"seconds": [0-9.e+-]+')


def meaning(path):
    """A digest of a file's content, without how long a training took and where an image was made."""
    content = path.read_bytes()
    if path.suffix == ".map":
        content = TEMPORARY.sub(b"", content)
    elif path.suffix == ".elf":  # its symbols have the compiler's own names of objects
        content = b"".join(segment.data() for segment in ELFFile(io.BytesIO(content)).iter_segments("PT_LOAD"))
    elif path.suffix == ".json":
        content = SECONDS.sub(b"", content)
    elif path.suffix == ".pt":
        kept = torch.load(io.BytesIO(content), weights_only=True)
        content = b"".join(value.numpy().tobytes() for _, value in sorted(kept["averaged"].items()))
        content += str(kept["progress"]["epoch"]).encode()
    return hashlib.sha256(content).hexdigest()


def visible(folder):
    """{path: digest} of the files below a folder; those with a hidden name on their way are left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    relative = ((path, path.relative_to(folder)) for path in files)
    return {name: meaning(path) for path, name in relative if not any(part.startswith(".") for part in name.parts)}


def hidden(folder):
    """The files and folders with a hidden name."""
    return [path for path in folder.rglob(".*")]


def below(tree, name):
    """The part of a tree at one name, a file's or a folder's."""
    return {path: digest for path, digest in tree.items() if path == name or name in path.parents}


def put(source, target):
    """Replace a file or folder by another, or remove it where the other is not there."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
