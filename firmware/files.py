"""Files and folders that are written completely or not at all, and JSON and TOML that is checked when read.

A file or folder is made under a hidden name in the same place and renamed when complete and on the disk, so that neither a kill
nor a power cut leaves a part of it.  Leftovers of killed processes are removed by the next process that writes there, once they
are older than ABANDONED_S.
"""

import contextlib
import ctypes
import errno
import json
import os
import shutil
import stat
import tempfile
import time
import tomllib
from glob import escape
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

ABANDONED_S = 24 * 3600
"""Longer than any write takes."""
MOST_BYTES = 1 << 28
"""Of a file that is read as a whole."""

_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # fcntl.h, linux/fs.h
_CANNOT_EXCHANGE = errno.EINVAL, errno.ENOSYS  # of a file system, of a kernel


class Record(BaseModel):
    """The content of a JSON file: exact keys and types, no additional key, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, protected_namespaces=())


def hidden_prefix(path):
    return f".{path.name}."


def remove_abandoned(path):
    """Remove what killed processes left of earlier writes to path."""
    for left in path.parent.glob(f"{escape(hidden_prefix(path))}*"):
        with contextlib.suppress(OSError):  # another process may remove it too
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _is_hidden(name, path):
    """Whether a name is path, beside it, or below the hidden name under which it is made."""
    place = name.relative_to(path.parent).parts if name.is_relative_to(path.parent) else ()
    return len(place) == 1 or (len(place) > 1 and place[0].startswith(hidden_prefix(path)))


@contextlib.contextmanager
def naming(path):
    """An OSError inside the block names path instead of the hidden name."""
    try:
        yield
    except OSError as error:
        if error.errno is None or (error.filename and not _is_hidden(Path(error.filename), path)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


@contextlib.contextmanager
def opened(folder):
    """A descriptor of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def put_on_disk(folder):
    """Wait until all files below a folder are on the disk.  One call for all: fsync of 10,000 files takes 40 s."""
    with opened(folder) as handle:
        if not hasattr(_LIBC, "syncfs"):
            os.sync()
        elif _LIBC.syncfs(handle):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))


def put_names_on_disk(folder):
    """Wait until the names in a folder are on the disk; some network file systems cannot."""
    with opened(folder) as handle:
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise


def write_whole(path, content):
    """Write text or bytes to path; OSError naming path if that fails (no space, no permission)."""
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
        put_names_on_disk(path.parent)


def exchange(made, path, aside):
    """Let a folder and what is at path change places; FileNotFoundError where nothing is there.

    Where kernel or file system cannot, what is at path goes aside first, and for a moment there is nothing.
    """
    if hasattr(_LIBC, "renameat2"):
        names = os.fsencode(made), os.fsencode(path)
        if not _LIBC.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
            return
        if ctypes.get_errno() not in _CANNOT_EXCHANGE:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    os.rename(path, aside)
    try:
        os.rename(made, path)
    except OSError:
        if not path.exists():
            os.rename(aside, path)
        raise


def take_place(made, path, aside):
    """Put a folder at path, whatever is there and whoever else does the same."""
    while True:
        with contextlib.suppress(FileNotFoundError):
            return exchange(made, path, aside)
        try:
            return os.rename(made, path)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise


@contextlib.contextmanager
def whole_folder(path):
    """An empty folder to fill; it replaces path and its content if the block ends without an error."""
    path = Path(path)
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        scratch = Path(tempfile.mkdtemp(dir=path.parent, prefix=hidden_prefix(path)))
    made = scratch / "made"
    try:
        with naming(path):
            made.mkdir()
        yield made
        with naming(path):
            made.chmod(0o755)
            put_on_disk(made)
            take_place(made, path, scratch / "replaced")
            put_names_on_disk(path.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def read_ordinary(path):
    """The bytes of a file; ValueError naming it if it is a folder, a pipe or a device, or larger than MOST_BYTES."""
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode):
        raise ValueError(f"{path}: is not an ordinary file")
    if about.st_size > MOST_BYTES:
        raise ValueError(f"{path}: has {about.st_size >> 20} MB, more than any such file; is this the right one?")
    return Path(path).read_bytes()


def parse_toml(text, place):
    """The table in TOML text, str or bytes; ValueError beginning with place if it is not TOML."""
    try:
        return tomllib.loads(text.decode() if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError(f"{place}: not TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError, an integer of too many digits
        raise ValueError(f"{place}: not TOML: {error}") from None


def as_json(value):
    """A Record, or plain values that contain Records, as JSON text."""
    return json.dumps(to_jsonable_python(value), indent=1, allow_nan=False) + "\n"


def write_json(path, value):
    write_whole(path, as_json(value))


def problems(error):
    """One line for each problem of a ValidationError: the key, then the reason."""
    for problem in error.errors(include_url=False):
        place = ".".join(str(part) for part in problem["loc"] if "[" not in str(part))  # without validators' names
        raised = problem.get("ctx", {}).get("error")
        reason = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield f"{place + ': ' if place else ''}{raised if isinstance(raised, ValueError) else reason}"


def first_problem(error):
    """The first problem of a ValidationError, and the number of further ones."""
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{next(problems(error))}{more}"


def read_json(path, kind):
    """The value in path; ValueError naming the file if it is not of this kind: a Record, list[...] or dict[...]."""
    try:
        return TypeAdapter(kind).validate_json(read_ordinary(path))
    except ValidationError as error:
        raise ValueError(f"{path}: {first_problem(error)}; make it again or restore it from git") from None


def read_json_if_there(path, kind):
    """read_json of a file, or None without the file."""
    return read_json(path, kind) if path.exists() else None
