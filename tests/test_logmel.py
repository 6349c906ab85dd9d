"""Corpus logmel: pictures become clips with their words and splits; a damaged file or row is named."""

import io
import lzma
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from calibration import evaluate
from firmware.frontend import CODE_ZERO_POINT
from train.corpora import load_corpus, logmel
from train.corpora.clips import FRAMES
from train.corpus_sections import LogmelSection
from train.recipe import BACKGROUND_FOLDER, load_recipe
from train.sections import FrontendSection
from train.splits import TRAINING, VALIDATION

RECIPE = load_recipe("hello")
LOGMEL = LogmelSection(kind="logmel")


def grey(size=(40, 98), mode="L", format="JPEG"):
    """The bytes of a picture."""
    content = io.BytesIO()
    Image.new(mode, size, 60).save(content, format)
    return content.getvalue()


def with_pictures(data, pictures, rows, word="yes"):
    """The corpus of some pictures, with index.tsv's rows (offset, length), all of one word."""
    folder = data / logmel.FOLDER
    folder.mkdir(parents=True)
    (folder / logmel.PICTURES).write_bytes(lzma.compress(b"".join(pictures)))
    lines = [f"{offset}\t{length}\t{word}\tspeaker\ttraining" for offset, length in rows]
    (folder / "index.tsv").write_text("\n".join(["offset\tlength\tword\tspeaker\tsplit", *lines]))
    return folder


GREY = grey()


@pytest.fixture
def whole_logmel(corpus):
    return corpus(logmel.FOLDER)


def test_clips_have_the_words_and_splits_of_the_index(whole_logmel, data):
    """Every hundredth clip of the corpus: its whole stream of pictures and a shorter index."""
    (data / logmel.FOLDER).mkdir(parents=True)
    (data / logmel.FOLDER / "features.jpgs.xz").symlink_to(whole_logmel / "features.jpgs.xz")
    header, *rows = (whole_logmel / "index.tsv").read_text().splitlines()
    rows = rows[::100]
    (data / logmel.FOLDER / "index.tsv").write_text("\n".join([header, *rows]))
    clips = load_corpus(LOGMEL, RECIPE)
    clips.require_whole()
    _, _, word, _, speaker, split = np.array([row.split("\t") for row in rows]).T
    spoken = clips.word != "silence"
    assert len(clips) == len(rows) and set(clips.frames) == {FRAMES}
    np.testing.assert_array_equal(clips.word[spoken], word[word != BACKGROUND_FOLDER])
    np.testing.assert_array_equal(clips.speaker, speaker)
    np.testing.assert_array_equal(clips.split[spoken], split[word != BACKGROUND_FOLDER])
    assert set(clips.split[~spoken]) == {TRAINING, VALIDATION}
    codes = clips.codes.reshape(len(clips), FRAMES, 40)
    np.testing.assert_array_equal(codes[:, 0], codes[:, 2])
    first, last = clips.span[spoken].T
    assert 20 < np.median(last - first) < 70 and (clips.span[~spoken] == [0, FRAMES]).all()


def test_pictures_are_taken_from_their_places_and_others_are_passed_by(data):
    with_pictures(data, [GREY, bytes(100_000), GREY], [(0, len(GREY)), (len(GREY) + 100_000, len(GREY))])
    clips = load_corpus(LOGMEL, RECIPE)
    assert len(clips) == 2 and clips.codes.shape == (2 * FRAMES, 40)
    assert set(clips.codes.ravel()) == {60 + CODE_ZERO_POINT}


@pytest.mark.parametrize(("word", "span"), [("yes", (34, 66)), (BACKGROUND_FOLDER, (0, FRAMES))])
def test_a_word_is_where_its_picture_is_bright_and_background_is_all_of_it(data, word, span):
    content, picture = io.BytesIO(), np.full((98, 40), 60, np.uint8)
    picture[32:64] = 180
    Image.fromarray(picture).save(content, "JPEG")
    with_pictures(data, [content.getvalue()], [(0, len(content.getvalue()))], word)
    clips = load_corpus(LOGMEL, RECIPE)
    assert tuple(clips.span[0]) == span


def test_every_fifth_background_picture_is_for_validation(data):
    with_pictures(data, [GREY] * 11, [(place * len(GREY), len(GREY)) for place in range(11)], BACKGROUND_FOLDER)
    clips = load_corpus(LOGMEL, RECIPE)
    assert set(clips.word) == {"silence"} and np.flatnonzero(clips.split == VALIDATION).tolist() == [4, 9]


def test_a_recipe_with_other_bands_is_refused(data):
    other = RECIPE.model_copy(update={"frontend": FrontendSection(bands=30)})
    with pytest.raises(ValueError, match="recipe hello: corpus logmel has 40 bands up to 4000 Hz; use these"):
        load_corpus(LOGMEL, other)


def test_a_missing_corpus_is_an_error_with_advice(data):
    with pytest.raises(ValueError, match=f"{logmel.FOLDER}/index.tsv: does not exist; put {logmel.FOLDER}/ into DATA"):
        load_corpus(LOGMEL, RECIPE)


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
        load_corpus(LOGMEL, RECIPE)


def test_logmel_rows_that_overlap_are_refused(data):
    folder = with_pictures(data, [GREY, GREY], [(0, len(GREY)), (5, len(GREY))])
    with pytest.raises(ValueError, match=f"{folder}/index.tsv:3: offset = 5 lies before {len(GREY)}, the end of"):
        load_corpus(LOGMEL, RECIPE)


def test_a_split_that_is_none_is_named_by_its_row(data):
    index = with_pictures(data, [GREY], [(0, len(GREY))]) / "index.tsv"
    index.write_text(index.read_text().replace("training", "train"))
    with pytest.raises(ValueError, match=f"{index}:2: split = train: there are training, validation and testing"):
        load_corpus(LOGMEL, RECIPE)


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
    load_corpus(LOGMEL, RECIPE)
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
        load_corpus(LOGMEL, RECIPE)
