"""Output files are written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path


def write_whole(path, content):
    """Write text or bytes to path, through a temporary file beside it that is renamed when complete."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_json(path, value):
    write_whole(path, json.dumps(value, indent=1) + "\n")


def read_json(path, keys=()):
    """The JSON object in path; ValueError naming the file where it is cut short or lacks one of keys."""
    try:
        value = json.loads(Path(path).read_text())
    except ValueError as error:
        raise ValueError(f"{path}: not whole JSON ({error}); make it again or restore it from git") from None
    missing = [key for key in keys if not isinstance(value, dict) or key not in value]
    if missing:
        raise ValueError(f"{path}: lacks {', '.join(missing)}; make it again or restore it from git")
    return value
