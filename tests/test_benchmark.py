"""`make benchmark`: levels of strictness, and misses where false accepts are few enough."""

import numpy as np
import pytest
import soundfile

from calibration.benchmark import sphinx
from calibration.benchmark.description import NOISY, PEOPLE, QUIET, description_of
from calibration.benchmark.rates import cells, level_for, means, rows_of
from calibration.records import WordFigures
from calibration.streams.events import Event
from firmware.frontend import SAMPLE_RATE_HZ


def figures(accepted, misses, word="jarvis"):
    """Levels of a kind: false accepts and misses of a word at each."""
    return [
        {word: WordFigures(threshold=0.5, misses=missed, keywords=20, false_accepts=count)}
        for count, missed in zip(accepted, misses, strict=True)
    ]


LEVELS = {
    "quiet": figures([0] * 4, [1, 2, 3, 9]),
    "noise10": figures([0] * 4, [4, 5, 6, 12]),
    "running": figures([9, 0, 1, 0], [0] * 4),
    "synthetic": figures([50, 3, 2, 0], [0] * 4),
    "noise": figures([5, 1, 0, 0], [0] * 4),
}
HOURS = {"quiet": 1, "noise10": 1, "running": 1.0, "synthetic": 18, "noise": 2}


def test_a_level_counts_only_if_all_stricter_ones_are_as_good():
    assert level_for(LEVELS, "jarvis", ["running"], 0) == 3 and level_for(LEVELS, "jarvis", ["running"], 1) == 1
    assert level_for(LEVELS, "jarvis", ["synthetic", "noise"], 2) == 2
    assert level_for({"running": figures([3, 2], [0, 0])}, "jarvis", ["running"], 1) is None


def test_misses_are_those_of_the_level_that_the_rate_allows():
    read, synthetic = rows_of("ours", LEVELS, HOURS)
    assert (read.false_accepts, read.missed) == (0, {QUIET: (9, 20), NOISY: (12, 20)})
    assert (synthetic.false_accepts, synthetic.missed[NOISY], synthetic.hours) == (2, (6, 20), 20)
    assert cells(read)[-1].startswith("12 of 20, 60.0% (")


def test_a_word_without_a_level_is_missed_always():
    loud = {**LEVELS, "running": figures([9, 9, 9, 9], [0] * 4)}
    rows = rows_of("ours", loud, HOURS)
    assert rows[0].false_accepts is None and cells(rows[0])[-2:] == ["all", "all"]
    assert next(means(rows))[2] == {QUIET: 1.0, NOISY: 1.0}


def test_a_system_that_did_not_hear_some_negatives_has_no_row_for_them():
    some = {kind: LEVELS[kind] for kind in ("quiet", "noise10", "running")}
    assert [row.negatives for row in rows_of("PocketSphinx", some, HOURS)] == ["read English"]


def test_every_recording_of_people_is_said_once(corpus):
    corpus("wake_words_people")
    description = description_of(["jarvis", "view_glass"])
    assert round(description.kinds["quiet"].hours * 600) == 384 + 399
    with pytest.raises(ValueError, match="no recordings of hey_jerboa"):
        description_of(["hey_jerboa"])


def test_pocketsphinx_hears_a_word_where_it_is_said(tmp_path, corpus, optional):
    optional(sphinx.lacking(["jarvis"]))
    folder = corpus("wake_words_people")
    path = sorted((folder / "jarvis").iterdir())[0]
    pcm, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == SAMPLE_RATE_HZ
    recordings = [
        (tmp_path / f"{place}.wav", [Event(0.0, len(pcm) / 16, "jarvis", "keyword", {})]) for place in range(3)
    ]
    for recording, _ in recordings:
        soundfile.write(recording, np.pad(pcm, (0, 16_000)), SAMPLE_RATE_HZ)
    found, events, length_ms = sphinx.detections(["jarvis"], recordings, "1e-20")
    assert length_ms == pytest.approx(3 * (len(pcm) / 16 + 1000)) and len(events) == 3 and found
    assert all(word == "jarvis" for _, word in found) and all(0 < at <= length_ms for at, _ in found)
    assert "its dictionary lacks jerboa" in sphinx.lacking(["hey_jerboa"])


def test_the_stream_of_any_words_has_a_name_of_its_own(data):
    one, *others = (
        ["what's_up"],
        ["naïve", "grün"],
        [*(f"a_wake_word_{place}" for place in range(5)), "jarvis"],
        [*(f"a_wake_word_{place}" for place in range(5)), "jerboa"],
    )
    for word in {word for words in (one, *others) for word in words}:
        (data / PEOPLE / word).mkdir(parents=True)
        (data / PEOPLE / word / "ann_1.wav").touch()
    names = [description_of(words).name for words in (one, *others)]
    assert len(set(names)) == len(names)
    assert description_of(others[0][::-1]).name == names[1]
