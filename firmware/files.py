"""Files and folders of ours: written whole or not at all, and checked as they are read.

A file or folder is made under a hidden name beside its own and renamed when it is complete.  What a process that was
killed left under such a name is removed by the next one that writes there, when it is old enough to be nobody's.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
import tomllib
from glob import escape
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

ABANDONED_S = 24 * 3600
"""No write takes so long."""


class Record(BaseModel):
    """What a JSON file holds: keys and types as they were written, no other key, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, protected_namespaces=())


def hidden_prefix(path):
    return f".{path.name}."


def remove_abandoned(path):
    """Remove what killed processes left of earlier attempts to write path."""
    for left in path.parent.glob(f"{escape(hidden_prefix(path))}*"):
        with contextlib.suppress(OSError):  # another process may remove it too
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


@contextlib.contextmanager
def naming(path):
    """Errors of the system inside the block name path, and not the hidden name beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None or (error.filename and Path(error.filename).parent != path.parent):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


def write_whole(path, content):
    """Write text or bytes to path; OSError that names it where there is no room or no permission."""
    path = Path(path)
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=hidden_prefix(path))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(handle)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


@contextlib.contextmanager
def whole_folder(path):
    """An empty folder to fill, which takes the place of path, and of what was there, where the block ends well."""
    path = Path(path)
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        scratch = Path(tempfile.mkdtemp(dir=path.parent, prefix=hidden_prefix(path)))
    made, replaced = scratch / "made", scratch / "replaced"
    try:
        made.mkdir()
        yield made
        made.chmod(0o755)
        with naming(path):
            with contextlib.suppress(FileNotFoundError):
                os.rename(path, replaced)
            try:
                os.rename(made, path)
            except OSError:  # another process was quicker
                if replaced.exists() and not path.exists():
                    os.rename(replaced, path)
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def parse_toml(text, place):
    """The table in TOML text, str or bytes; ValueError with its place where it is none."""
    try:
        return tomllib.loads(text.decode() if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError(f"{place}: not TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError, an integer of too many digits
        raise ValueError(f"{place}: not TOML: {error}") from None


def as_json(value):
    """A Record, or plain values with Records in them, as JSON text."""
    return json.dumps(to_jsonable_python(value), indent=1, allow_nan=False) + "\n"


def write_json(path, value):
    write_whole(path, as_json(value))


def problems(error):
    """The lines of a ValidationError: where and what."""
    for problem in error.errors(include_url=False):
        place = ".".join(str(part) for part in problem["loc"] if "[" not in str(part))  # a validator's own name
        raised = problem.get("ctx", {}).get("error")
        reason = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield f"{place + ': ' if place else ''}{raised if isinstance(raised, ValueError) else reason}"


def first_problem(error):
    """The first line of a ValidationError, and how many more there are."""
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{next(problems(error))}{more}"


def read_json(path, kind):
    """The value in path of a kind: a Record, list[...] or dict[...]; ValueError naming the file where it is none."""
    try:
        return TypeAdapter(kind).validate_json(Path(path).read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path}: {first_problem(error)}; make it again or restore it from git") from None
