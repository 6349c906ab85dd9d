"""The corpus of pictures, damaged: what is wrong is named by file and row, and memory is that of what the index has."""

import io
import lzma
import sys
import tracemalloc

import pytest
from PIL import Image

from calibration import evaluate
from firmware.frontend import CODE_ZERO_POINT
from train.corpora import load_corpus, logmel
from train.corpora.clips import FRAMES
from train.recipe import LogmelSection, load_recipe

RECIPE = load_recipe("hello")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty DATA, and a BUILD that keeps nothing from other tests."""
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    return tmp_path / "data"


def grey(size=(40, 98), mode="L", format="JPEG"):
    """The bytes of a picture."""
    content = io.BytesIO()
    Image.new(mode, size, 60).save(content, format)
    return content.getvalue()


def with_pictures(data, pictures, rows):
    """The corpus of some pictures, with index.tsv's rows (offset, length)."""
    folder = data / logmel.FOLDER
    folder.mkdir(parents=True)
    (folder / logmel.PICTURES).write_bytes(lzma.compress(b"".join(pictures)))
    lines = [f"{offset}\t{length}\tyes\tspeaker\ttraining" for offset, length in rows]
    (folder / "index.tsv").write_text("\n".join(["offset\tlength\tword\tspeaker\tsplit", *lines]))
    return folder


GREY = grey()


def test_logmel_takes_pictures_from_their_places_and_passes_by_others(data):
    with_pictures(data, [GREY, bytes(100_000), GREY], [(0, len(GREY)), (len(GREY) + 100_000, len(GREY))])
    clips = load_corpus(LogmelSection(kind="logmel"), RECIPE)
    assert clips.codes.shape == (2, FRAMES, 40) and set(clips.codes.ravel()) == {60 + CODE_ZERO_POINT}


def test_pictures_may_lie_in_any_folder_and_behind_a_link(data, tmp_path, monkeypatch):
    (tmp_path / "disk").mkdir()
    pictures = with_pictures(data, [GREY], [(0, len(GREY))]).rename(tmp_path / "disk" / "pictures")
    (data / logmel.FOLDER).symlink_to(pictures)
    heard = []
    monkeypatch.setattr(evaluate, "open_exported", lambda _: (None, None, "a model"))
    monkeypatch.setattr(evaluate, "hear_clips", lambda *given: heard.append(len(given[-1])) or sys.exit())
    for folder in (data / logmel.FOLDER, pictures):
        monkeypatch.setattr("sys.argv", ["evaluate", "hello", str(folder)])
        with pytest.raises(SystemExit):
            evaluate.main()
    assert heard == [1, 1]


@pytest.mark.parametrize(
    "picture, row, message",
    [
        (GREY, (1, len(GREY)), "has no grey JPEG of 40 by 98 points there"),
        (GREY, (0, 100), "has no grey JPEG of 40 by 98 points there"),
        (GREY, (len(GREY), 400), "has no grey JPEG of 40 by 98 points there"),
        (GREY[:-200], (0, len(GREY) - 200), "has no grey JPEG of 40 by 98 points there"),
        (grey((40, 97)), (0, len(grey((40, 97)))), r"\(L, 40 by 97 points\)"),
        (grey((9000, 9000), "1", "PNG"), (0, 16_000), "has no grey JPEG of 40 by 98 points there"),
        (grey(mode="RGB"), (0, len(grey(mode="RGB"))), r"\(RGB, 40 by 98 points\)"),
        (GREY, (0, 0), "length = '0' Input should be greater than or equal to 1"),
        (GREY, (0, 10**9), "length = '1000000000' Input should be less than or equal to 16384"),
        (GREY, ("-1", 400), "offset = '-1' Input should be greater"),
        (GREY, ("9" * 5000, 400), "offset = '9{60}...' Unable to parse"),
        (GREY, ("", 400), "offset is empty"),
    ],
)
def test_a_picture_that_is_none_is_named_by_its_row(data, picture, row, message):
    folder = with_pictures(data, [picture], [row])
    with pytest.raises(ValueError, match=f"^{folder}/index.tsv:2: [^\n]*{message}[^\n]*$"):
        load_corpus(LogmelSection(kind="logmel"), RECIPE)


def test_logmel_rows_that_overlap_are_refused(data):
    folder = with_pictures(data, [GREY, GREY], [(0, len(GREY)), (5, len(GREY))])
    with pytest.raises(ValueError, match=f"{folder}/index.tsv:3: offset = 5 lies before {len(GREY)}, the end of"):
        load_corpus(LogmelSection(kind="logmel"), RECIPE)


def test_of_a_stream_no_more_is_unpacked_than_the_index_has(data):
    """60 MB of zeros follow the picture, 9 kB as they are packed."""
    folder = with_pictures(data, [GREY], [(0, len(GREY))])
    packer = lzma.LZMACompressor(preset=0)
    with open(folder / logmel.PICTURES, "wb") as file:
        file.write(packer.compress(GREY))
        for _ in range(60):
            file.write(packer.compress(bytes(1_000_000)))
        file.write(packer.flush())
    tracemalloc.start()
    load_corpus(LogmelSection(kind="logmel"), RECIPE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "name, content, message",
    [
        (logmel.PICTURES, lambda whole: whole[: len(whole) // 2], "damaged .*; download it again"),
        (logmel.PICTURES, lambda whole: b"no xz at all", "damaged .*; download it again"),
        ("index.tsv", lambda whole: whole.decode().encode("utf-16"), "UTF-16, not UTF-8"),
        (
            "index.tsv",
            lambda whole: whole.replace(b"yes", b"y" * 200_000),
            "has 200023 characters",
        ),
        ("index.tsv", lambda whole: whole.replace(b"offset", b"place"), "lacks the columns offset"),
        ("index.tsv", lambda whole: whole.splitlines()[0], "has no rows"),
    ],
)
def test_damaged_logmel_files_are_named(data, name, content, message):
    path = with_pictures(data, [GREY], [(0, len(GREY))]) / name
    path.write_bytes(content(path.read_bytes()))
    with pytest.raises(ValueError, match=f"^{path}(:[12])?: {message}"):
        load_corpus(LogmelSection(kind="logmel"), RECIPE)
