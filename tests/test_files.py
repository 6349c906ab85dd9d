"""Files and folders are written completely or not at all, and checked when read."""

import ctypes
import errno
import os
import time
from types import SimpleNamespace

import pytest

from firmware.files import Record, parse_toml, read_json, whole_folder, write_json, write_whole

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail(*_):
    raise FULL


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_file_that_cannot_be_written_is_named_and_stays_as_it_was(tmp_path, monkeypatch, step):
    path = tmp_path / "model.json"
    write_whole(path, "old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match=f"No space left on device: '{path}'"):
        write_whole(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"] and path.read_text() == "old"


@pytest.mark.parametrize("write", [lambda path: write_whole(path, "new"), lambda path: fill(path, "new")])
def test_an_error_names_what_was_asked_for_and_no_hidden_file(tmp_path, monkeypatch, write):
    def refused(dir, prefix):
        raise PermissionError(errno.EACCES, "Permission denied", f"{dir}/{prefix}x7y8")

    path = tmp_path / "model"
    for make in ("mkstemp", "mkdtemp"):
        monkeypatch.setattr(f"firmware.files.tempfile.{make}", refused)
    with pytest.raises(PermissionError, match=f"Permission denied: '{path}'"):
        write(path)


@pytest.fixture
def without_exchange(monkeypatch):
    """A C library that cannot let two names change places."""
    monkeypatch.setattr("firmware.files._LIBC", SimpleNamespace(syncfs=lambda handle: 0))


def test_a_folder_that_cannot_take_its_place_leaves_the_one_before(tmp_path, monkeypatch, without_exchange):
    fill(tmp_path / "model", "old")
    rename = os.rename

    def refused(source, target):
        if str(source).endswith("made"):
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(OSError, match=f"Input/output error: '{tmp_path / 'model'}'"):
        fill(tmp_path / "model", "new")
    assert (tmp_path / "model" / "a").read_text() == "old"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_folder_that_cannot_be_put_on_the_disk_leaves_the_one_before(tmp_path, monkeypatch, number):
    def failing(handle):
        ctypes.set_errno(number)
        return -1

    fill(tmp_path / "model", "old")
    monkeypatch.setattr("firmware.files._LIBC", SimpleNamespace(syncfs=failing))
    with pytest.raises(OSError, match=f"{os.strerror(number)}: '{tmp_path / 'model'}'"):
        fill(tmp_path / "model", "new")
    assert (tmp_path / "model" / "a").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_rename_that_the_system_refuses_names_no_hidden_folder(tmp_path, monkeypatch, without_exchange):
    def refused(source, target):
        raise OSError(errno.EROFS, "Read-only file system", str(source), None, str(target))

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(OSError, match=f"Read-only file system: '{tmp_path / 'model'}'$"):
        fill(tmp_path / "model", "new")


def test_a_pipe_is_refused_and_never_waited_for_and_a_huge_file_too(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(ValueError, match=r"a\.json: is not an ordinary file$"):
        read_json(tmp_path / "a.json", dict)
    monkeypatch.setattr("firmware.files.MOST_BYTES", 9)
    (tmp_path / "b.json").write_text('{"a": 123}')
    with pytest.raises(ValueError, match=r"b\.json: has 0 MB, more than any such file"):
        read_json(tmp_path / "b.json", dict)


def test_a_folder_takes_the_place_of_one_that_appeared_meanwhile(tmp_path, without_exchange):
    with whole_folder(tmp_path / "model") as made:
        (made / "a").write_text("mine")
        fill(tmp_path / "model", "another's")
    assert (tmp_path / "model" / "a").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def fill(folder, text):
    with whole_folder(folder) as made:
        for name in ("a", "b"):
            (made / name).write_text(text)


def test_a_folder_is_replaced_whole(tmp_path):
    fill(tmp_path / "model", "old")
    (tmp_path / "model" / "left over").touch()
    fill(tmp_path / "model", "new")
    assert {file.name: file.read_text() for file in (tmp_path / "model").iterdir()} == {"a": "new", "b": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_that_is_not_finished_leaves_the_one_before(tmp_path):
    fill(tmp_path / "model", "old")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "model") as made:
        (made / "a").write_text("new")
        raise KeyboardInterrupt
    assert (tmp_path / "model" / "a").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("rename", [1, 2])
def test_a_folder_killed_at_either_rename_is_whole_or_absent(tmp_path, monkeypatch, without_exchange, rename):
    """Where two names cannot change places.  The child ends without clean-up, as by kill -9."""
    fill(tmp_path / "model", "old")
    child = os.fork()
    if child == 0:
        calls, renamed = [], os.rename

        def killed(*paths):
            calls.append(paths)
            os._exit(9) if len(calls) == rename else renamed(*paths)

        os.rename = killed
        try:
            fill(tmp_path / "model", "new")
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    found = {file.read_text() for file in (tmp_path / "model").glob("*")}
    assert found == ({"old"} if rename == 1 else set())
    fill(tmp_path / "model", "new")
    assert {file.read_text() for file in (tmp_path / "model").iterdir()} == {"new"}


def test_what_killed_processes_left_is_removed_a_day_later(tmp_path):
    path, young = tmp_path / "train.json", tmp_path / ".train.json.young"
    left = [tmp_path / ".train.json.0", tmp_path / ".train.json.1"]
    left[0].touch()
    left[1].mkdir()
    (left[1] / "made").mkdir()
    young.touch()
    other = tmp_path / ".other.json.0"
    other.touch()
    for file in (*left, other):
        os.utime(file, (time.time() - 90_000,) * 2)
    write_whole(path, "{}")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".other.json.0", ".train.json.young", "train.json"]


class Figures(Record):
    name: str
    shares: dict[str, tuple[float, ...]]


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "Invalid JSON: EOF"),
        ('{"name": "a", "shares": {"x": [1', "Invalid JSON: EOF"),
        ('{"name": "a"}', "shares: Field required"),
        ('{"name": 5, "shares": {}}', "name: Input should be a valid string"),
        ('{"name": "a", "shares": {}, "more": 1}', "more: unknown key"),
        ('{"name": "a", "shares": {"x": [1e999]}}', "shares.x.0: Input should be a finite number"),
        ('{"name": "a", "shares": {"x": "y"}}', "shares.x: Input should be a valid array"),
        ("[]", "Input should be an object"),
        ("[" * 100_000, "Invalid JSON: recursion limit exceeded"),
        ("1" * 5000, "Invalid JSON: number out of range"),
        ('{"name": "\xff"', "Invalid JSON"),
    ],
)
def test_json_that_is_not_what_was_written_is_one_line_with_its_file(tmp_path, text, reason):
    path = tmp_path / "figures.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError) as found:
        read_json(path, Figures)
    assert str(found.value).startswith(f"{path}: {reason}") and "\n" not in str(found.value)
    assert str(found.value).endswith("; make it again or restore it from git")


def test_json_comes_back_as_it_was_written(tmp_path):
    value = [Figures(name="a", shares={"x": (0.1, 1e-300)}), Figures(name="b", shares={})]
    write_json(tmp_path / "list.json", value)
    assert read_json(tmp_path / "list.json", list[Figures]) == value


def test_a_figure_that_is_none_is_not_written(tmp_path):
    with pytest.raises(ValueError):
        write_json(tmp_path / "figures.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", [b"\xff\xfea", b"a = ", b"a = " + b"1" * 5000, b"a = " + b"[" * 5000, b"a = 1\na = 2", b"\x00"]
)
def test_toml_that_is_none_is_one_line_with_its_place(text):
    with pytest.raises(ValueError, match=r"^r\.toml: not TOML: [^\n]+$"):
        parse_toml(text, "r.toml")
