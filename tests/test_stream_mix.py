"""Words, sentences, rooms and a bed are mixed as the table says: times, levels, gaps."""

import numpy as np
import pytest
from scipy.signal import correlate

from calibration.streams.background_mix import FADE_SAMPLES, lay_bed
from calibration.streams.build import in_turns, with_sentences
from calibration.streams.description import parse_description
from calibration.streams.events import KEYWORD, OTHER, SENTENCE
from calibration.streams.placement import AFTER_KEYWORD_SAMPLES, Item, mix, place
from calibration.streams.rooms import Room, response
from calibration.streams.words import Clip, spoken_part

RATE = 16_000


def burst(random, start, end, level):
    """A clip of one second, int16: noise from start to end on a floor of a few steps."""
    clip = random.normal(0, 2, RATE)
    clip[start:end] += random.normal(0, level, end - start)
    return np.clip(np.rint(clip), -32768, 32767).astype(np.int16)


def clip_at(random, start, end, word="yes", level=3000):
    return Clip(word, "made", burst(random, start, end, level), start, end)


def kind(change=("", "")):
    text = 'words = ["yes"]\n[kinds.k]\nhours = 1\nbed = { recordings = 1 }\nbed_db = [-50, -50]\nword_db = [-90, 0]\n'
    return parse_description(text.replace(*change), "k").kinds["k"]


def test_the_spoken_part_includes_pauses_and_excludes_a_distant_click():
    random = np.random.default_rng(0)
    pcm = burst(random, 4800, 8000, 5000)
    assert spoken_part(pcm) == (4800, 8000)
    pcm[10080:10720] = 4000  # 0.13 s later: the release of a stop
    assert spoken_part(pcm) == (4800, 10880)
    pcm[15000:15040] = 32767  # its frame is louder than any of the word
    assert spoken_part(pcm) == (4800, 10880)


def test_every_time_stamp_is_exact():
    """The clip is at the time in the table, to the sample."""
    random = np.random.default_rng(1)
    clips = [clip_at(random, 3200, 9600) for _ in range(6)]
    bed = random.normal(0, 30, 60 * RATE)
    pcm, rows = mix(random, kind(), [Item(KEYWORD, clip) for clip in clips], bed)
    for row, clip in zip(rows, clips, strict=True):
        start, end = (float(row[name]) * RATE / 1000 for name in ("start_ms", "end_ms"))
        assert start == int(start) and end - start == 6400
        around = pcm[int(start) - 1000 : int(start) + 7400].astype(float)
        match = correlate(around, clip.pcm[clip.start : clip.end].astype(float), "valid")
        assert match.argmax() == 1000


def test_the_snr_is_what_the_table_says():
    random = np.random.default_rng(2)
    items = [Item(KEYWORD, clip_at(random, 3200, 9600)) for _ in range(10)]
    bed = random.normal(0, 100, 60 * RATE)
    before = bed.copy()
    pcm, rows = mix(random, kind(), items, bed)
    for row in rows:
        spoken = slice(*(round(float(row[name]) * RATE / 1000) for name in ("start_ms", "end_ms")))
        added = pcm[spoken] - before[spoken]
        measured = 10 * np.log10(np.square(added).mean() / np.square(before[spoken]).mean())
        assert measured == pytest.approx(float(row["snr_db"]), abs=0.5)
        assert -0.1 <= float(row["snr_db"]) <= 20.1


def test_a_word_is_limited_to_its_range_and_the_resulting_snr_is_written():
    random = np.random.default_rng(3)
    bed = random.normal(0, 1, 20 * RATE)
    wanted = kind(("word_db = [-90, 0]", "word_db = [-40, -30]"))
    pcm, (row,) = mix(random, wanted, [Item(KEYWORD, clip_at(random, 3200, 9600))], bed)
    assert float(row["snr_db"]) == pytest.approx(20 * np.log10(32768) - 40, abs=0.2)
    loud = random.normal(0, 3000, 20 * RATE)
    pcm, (row,) = mix(
        random, kind(("hours = 1", "hours = 1\nsnr_db = [20, 20]")), [Item(KEYWORD, clip_at(random, 3200, 9600))], loud
    )
    assert float(row["snr_db"]) < 15 and np.abs(pcm.astype(int)).max() <= 32767


def test_events_keep_their_distance_and_a_keyword_has_time_after_it():
    random = np.random.default_rng(4)
    items = [
        Item(KEYWORD if random.random() < 0.4 else OTHER, clip_at(random, 100 * a, 16000 - 100 * b))
        for a, b in random.integers(0, 60, (40, 2))
    ]
    starts = place(random, items, 120 * RATE)
    for item, start, after, later in zip(items[:-1], starts[:-1], items[1:], starts[1:], strict=True):
        assert later >= start + len(item.clip.pcm)
        if item.event == KEYWORD:
            assert later + after.clip.start >= start + item.clip.end + AFTER_KEYWORD_SAMPLES
    assert starts != place(random, items, 120 * RATE)
    with pytest.raises(
        ValueError, match="40 words need .* s, but the recording has 30 s: ask for fewer words a minute"
    ):
        place(random, items, 30 * RATE)


def test_sentences_are_placed_between_words_and_the_last_word_is_kept():
    random = np.random.default_rng(5)
    words = [Item(KEYWORD, clip_at(random, 3200, 9600)) for _ in range(7)]
    sentences = [Clip(f"said {n}", "made", np.ones(5 * RATE, np.int16), 0, 5 * RATE) for n in range(30)]
    items = with_sentences(words, sentences, 60 * RATE)
    said = [item for item in items if item.event == SENTENCE]
    assert [item for item in items if item.event == KEYWORD] == words
    assert len(said) + len(sentences) == 30 and len(said) >= 5
    place(random, items, 60 * RATE)


def test_recordings_are_used_equally_often():
    items = in_turns(np.random.default_rng(0), list("abcde"), OTHER, 13)
    used = [sum(item.clip == clip for item in items) for clip in "abcde"]
    assert sorted(used) == [2, 2, 3, 3, 3]
    assert in_turns(np.random.default_rng(0), list("abcde"), OTHER, 0) == []


def test_a_room_has_its_direct_sound_first_and_the_stated_ratio_and_decay():
    echo = response(np.random.default_rng(0), Room(400, 6.0))
    assert echo[0] == 1 and len(echo) == 6400
    assert 10 * np.log10(1 / np.square(echo[1:]).sum()) == pytest.approx(6.0, abs=0.01)
    early, late = np.square(echo[1:1600]).sum(), np.square(echo[3200:4800]).sum()
    assert 10 * np.log10(early / late) == pytest.approx(30, abs=1.5)


def test_a_bed_has_its_level_and_no_gap():
    random = np.random.default_rng(0)
    recordings = [random.normal(size=15 * RATE), random.normal(size=5 * RATE)]
    bed = lay_bed(random, recordings, 60 * RATE, (-40, -40))
    level_db = 10 * np.log10(np.square(bed.reshape(-1, RATE // 4)).mean(axis=1)) - 20 * np.log10(32768)
    assert len(bed) == 60 * RATE and np.abs(level_db[4:-4] + 40).max() < 1 and FADE_SAMPLES == RATE
